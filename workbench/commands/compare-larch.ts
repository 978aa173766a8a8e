import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { runCommand } from '../../src/cli/run-command.ts';
import { FatalError } from '../../src/errors.ts';
import { readXdi } from '../../src/formats/xdi.ts';
import { isReject } from '../../src/messages/reject.ts';
import { absorption } from '../../src/spectra/absorption.ts';
import { findE0 } from '../../src/spectra/find-e0.ts';
import { normaliseByPolynomials } from '../../src/spectra/normalise.ts';
import { type Compared, larchTable } from '../comparison/larch/larch-table.ts';
import { MEASURED } from '../data/data-folders.ts';
import { readManifest } from '../measured/manifest.ts';

const HELP = `E0 and edge step of measured files beside larch's, which reference.py (how: in its head) has written to
measured.json beside it.

  node --import tsx workbench/comparison/larch/compare.ts [options]

  --data FOLDER  the measured files (default: measured in XANES_DATA, or data/measured)
  --out FILE     default docs/tables/larch.md
  --help`;

type Reference = Readonly<Record<string, { readonly e0Ev: number; readonly edgeStep: number }>>;

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      data: { type: 'string', default: MEASURED },
      out: { type: 'string', default: 'docs/tables/larch.md' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const reference: Reference = JSON.parse(readFileSync(join(import.meta.dirname, 'measured.json'), 'utf8'));
  readManifest(flags.data); // for its error, where the files are not there
  const rows = Object.entries(reference).map(([file, larch]): Compared => {
    const ours = edgeOf(join(flags.data, file));
    return { file, larch, ours };
  });
  const table = larchTable(rows);
  mkdirSync(dirname(flags.out), { recursive: true });
  writeFileSync(flags.out, table);
  console.log(table);
});

function edgeOf(path: string): { readonly e0Ev: number; readonly edgeStep: number } {
  const scan = readXdi(readFileSync(path, 'latin1'), path);
  if (isReject(scan)) throw new FatalError(`${path}: ${scan.detail}`);
  const mu = absorption(scan);
  if (isReject(mu)) throw new FatalError(`${path}: ${mu.detail}`);
  const e0 = findE0(scan.energyEv, mu);
  return {
    e0Ev: scan.energyEv[e0]!,
    edgeStep: normaliseByPolynomials(scan.energyEv, mu, e0).edgeStep,
  };
}
