// node --import tsx tools/schemas.ts: writes what is derived from schemas/*.avsc. test/wire/drift.test.ts fails when it
// was forgotten.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseFlags } from '../src/cli/parse-flags.ts';
import { derivedFiles } from './derive-wire-types.ts';

const { values: flags } = parseFlags({ options: { help: { type: 'boolean' } } });
if (flags.help)
  console.log('node --import tsx tools/schemas.ts: writes what is derived from schemas/*.avsc.');
else writeDerived();

function writeDerived(): void {
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
}
