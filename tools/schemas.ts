// node --import tsx tools/schemas.ts: writes what is derived from schemas/*.avsc. test/wire/drift.test.ts fails when it
// was forgotten.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseFlags } from '../src/cli/parse-flags.ts';
import { derivedFiles, schemaTexts } from './derived-files.ts';

const { values: flags } = parseFlags({ options: { help: { type: 'boolean' } } });
if (flags.help)
  console.log('node --import tsx tools/schemas.ts: writes what is derived from schemas/*.avsc.');
else writeDerived();

function writeDerived(): void {
  const root = new URL('../', import.meta.url);
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  for (const [path, text] of Object.entries(derivedFiles(schemaTexts(root), version))) {
    const file = new URL(path, root);
    mkdirSync(new URL('./', file), { recursive: true });
    writeFileSync(file, text);
    console.log(`wrote ${path}`);
  }
}
