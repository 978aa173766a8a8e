import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../src/bundle/bundle.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { MEASURED, OMNIXAS } from '../data/data-folders.ts';
import { readSites } from '../data/dataset.ts';
import { detectorCases } from '../evaluation/out-of-distribution/detector-cases.ts';
import { detectorPage } from '../evaluation/out-of-distribution/detector-page.ts';
import { drawDetectors } from '../evaluation/out-of-distribution/detector-plot.ts';
import { detectorsOf } from '../evaluation/out-of-distribution/detectors.ts';
import { flaggedModel } from '../flagged-model.ts';
import { readManifest } from '../measured/manifest.ts';

const HELP = `What detectors of spectra that are no oxides let pass: measured metals and sulphides against measured
oxides, and computed spectra at every noise level. No detector was fitted on a measured scan.

  npm run workbench -- evaluate-out-of-distribution [options]

  --data FOLDER      holds cu-feff9 (default: XANES_DATA or data/omnixas)
  --measured FOLDER  XDI files with manifest.json (default: measured in XANES_DATA, or data/measured)
  --model NAME|DIR   with its gate's table (default: spt)
  --out FOLDER       where tables/novelty.md and images/novelty.svg go (default: docs)
  --help`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      data: { type: 'string', default: OMNIXAS },
      measured: { type: 'string', default: MEASURED },
      model: { type: 'string', default: 'spt' },
      out: { type: 'string', default: 'docs' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const bundle = openBundle(await flaggedModel(flags.model));
  const measured = { folder: flags.measured, standards: readManifest(flags.measured) };
  const sites = readSites(join(flags.data, 'cu-feff9/test.jsonl.gz'));
  const cases = await detectorCases(bundle, measured, sites);
  const detectors = detectorsOf(bundle.gate);
  const { id } = bundle.manifest;
  const page = detectorPage(cases, detectors, bundle.gate.table, id);
  for (const folder of ['tables', 'images']) mkdirSync(join(flags.out, folder), { recursive: true });
  writeFileSync(join(flags.out, 'tables/novelty.md'), page);
  await drawDetectors(cases, detectors, id, join(flags.out, 'images/novelty.svg'));
  console.log(page);
}
