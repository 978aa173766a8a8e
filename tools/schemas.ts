// node --import tsx tools/schemas.ts: writes what is derived from schemas/*.avsc. test/wire/drift.test.ts fails when it
// was forgotten.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { derivedFiles } from './derive-wire-types.ts';

const root = new URL('../', import.meta.url);
const schemas = Object.fromEntries(
  readdirSync(new URL('schemas/', root))
    .filter((file) => file.endsWith('.avsc'))
    .map((file) => [file, readFileSync(new URL(`schemas/${file}`, root), 'utf8')]),
);
for (const [path, text] of Object.entries(derivedFiles(schemas))) {
  writeFileSync(new URL(path, root), text);
  console.log(`wrote ${path}`);
}
