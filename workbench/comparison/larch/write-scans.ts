import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shippedScans } from './shipped-scans.ts';

// node --import tsx workbench/comparison/larch/write-scans.ts FOLDER: what reference.py reads, for the tests.
const [folder = '.cache/larch/scans'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const scans = shippedScans();
for (const { name, text } of scans) writeFileSync(join(folder, name), text);
writeFileSync(join(folder, 'manifest.json'), JSON.stringify(scans.map(({ name }) => ({ file: name }))));
