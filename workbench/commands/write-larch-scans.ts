import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { shippedScans } from '../comparison/larch/shipped-scans.ts';

const HELP = `Writes our own spectra as XDI files, as a beamline would measure them: what reference.py asks larch about,
for the tests (how: in the head of workbench/comparison/larch/reference.py).

  npm run workbench -- write-larch-scans [options]

  --out DIR    default .cache/larch/scans
  --help`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      out: { type: 'string', default: '.cache/larch/scans' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const scans = shippedScans();
  mkdirSync(flags.out, { recursive: true });
  for (const { name, text } of scans) writeFileSync(join(flags.out, name), text);
  const manifest = scans.map(({ name }) => ({ file: name }));
  writeFileSync(join(flags.out, 'manifest.json'), JSON.stringify(manifest));
  console.log(`${flags.out}: ${scans.length} scans`);
}
