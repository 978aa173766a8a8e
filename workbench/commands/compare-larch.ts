import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { edgeOfFile } from '../comparison/larch/edge-of-file.ts';
import { larchTable, readLarchEdges } from '../comparison/larch/larch-table.ts';
import { MEASURED } from '../data/data-folders.ts';
import { readManifest } from '../measured/manifest.ts';

const HELP = `E0 and edge step of measured files beside larch's, which workbench/comparison/larch/reference.py (how: in
its head) has written to measured.json beside it.

  npm run workbench -- compare-larch [options]

  --data FOLDER  the measured files (default: measured in XANES_DATA, or data/measured)
  --out FILE     default docs/tables/larch.md
  --help`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      data: { type: 'string', default: MEASURED },
      out: { type: 'string', default: 'docs/tables/larch.md' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  readManifest(flags.data); // for its error, where the files are not there
  const files = [...readLarchEdges()].map(([file, larch]) => ({
    file,
    larch,
    ours: edgeOfFile(join(flags.data, file)),
  }));
  const table = larchTable(files);
  mkdirSync(dirname(flags.out), { recursive: true });
  writeFileSync(flags.out, table);
  console.log(table);
}
