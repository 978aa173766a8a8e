import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../src/bundle.ts';
import { modelFolder } from '../../src/cli/model-folder.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { manifestJson } from '../../src/model/manifest.ts';
import { writtenBundle } from '../bundle/write-bundle.ts';
import { MEASURED } from '../data/data-folders.ts';
import { energyShiftPage } from '../measured/energy-shift/energy-shift-page.ts';
import { drawEnergyShifts } from '../measured/energy-shift/energy-shift-plot.ts';
import {
  fitEnergyShifts,
  isOxideStandard,
  shiftedReferences,
} from '../measured/energy-shift/fit-energy-shifts.ts';
import { readManifest } from '../measured/manifest.ts';

const HELP = `Fits, for each element, the energy shift that takes measured scans to the model's theory scale, and
whether measured scans want broadening, on oxides whose oxidation state and coordination are in every textbook. Both are
judged by the mean over compounds of

  log P(oxidation state) + log P(coordination number) - (out-of-distribution score)^2 / 2

so that the model reads the standards right and finds them like the spectra it was trained on. Then each compound is
left out in turn: the shift is fitted on the others and the compound read with it. An element without standards keeps
its shift.

  npm run workbench -- fit-energy-shift [options]

  --data FOLDER     XDI files with manifest.json (default: measured in XANES_DATA, or data/measured)
  --model NAME|DIR  with its gate's table (default: spt)
  --out FOLDER      where tables/energy-shift.md and images/energy-shift.svg go (default: docs)
  --write           put the shifts into the model's manifest: it is another model then
  --help`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      data: { type: 'string', default: MEASURED },
      model: { type: 'string', default: 'spt' },
      out: { type: 'string', default: 'docs' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const directory = modelFolder(flags.model);
  const bundle = openBundle(directory);
  const { manifest } = bundle;
  const standards = readManifest(flags.data).filter(isOxideStandard);
  const say = (progress: string) => process.stderr.write(progress);
  const fits = await fitEnergyShifts(bundle, flags.data, standards, say);
  const page = energyShiftPage(fits, manifest.id);
  const [tables, images] = [join(flags.out, 'tables'), join(flags.out, 'images')];
  for (const folder of [tables, images]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(tables, 'energy-shift.md'), page);
  await drawEnergyShifts(fits, join(images, 'energy-shift.svg'));
  console.log(page);
  if (!flags.write) return;
  const shifted = { ...manifest, references: shiftedReferences(fits) };
  writeFileSync(join(directory, 'manifest.json'), manifestJson(shifted));
  console.log(writtenBundle(directory));
}
