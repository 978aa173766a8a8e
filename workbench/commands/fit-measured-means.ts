import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../src/bundle/bundle.ts';
import { modelFolder } from '../../src/cli/model-folder.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { manifestJson } from '../../src/model/manifest.ts';
import { writtenBundle } from '../bundle/write-bundle.ts';
import { MEASURED, MEASURED_MEANS } from '../data/data-folders.ts';
import { fitMeasuredMeans } from '../measured/site-means/fit-measured-means.ts';
import { fitShiftsToMeans } from '../measured/site-means/fit-shifts-to-means.ts';
import { knownScans, seriesOf } from '../measured/site-means/known-scans.ts';
import { measuredMeansPage } from '../measured/site-means/measured-means-page.ts';
import { readAtShifts } from '../measured/site-means/read-at-shifts.ts';

const HELP = `Fits what takes mean oxidation states from theory to measurement, on measured scans of known samples: the
energy shift of each element with its uncertainty, how far theory is off beside that, how far an edge moves for a unit
of the state, and how good a reading between two standards is. Each compound and series is left out in turn.

  npm run workbench -- fit-measured-means [options]

  --data FOLDER     XDI files with manifest.json (default: measured in XANES_DATA, or data/measured)
  --series FILE     measured series with known means, JSON lines (default: ../operando/series.jsonl beside it, if there)
  --model NAME|DIR  with its site means (default: spt)
  --out FOLDER      where tables/measured-means.md goes (default: docs)
  --write           put the shifts into the model's manifest, and the rest into data/measured-means.json, which
                    calibrate puts into the gate's table: it is another model then
  --help`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      data: { type: 'string', default: MEASURED },
      series: { type: 'string' },
      model: { type: 'string', default: 'spt' },
      out: { type: 'string', default: 'docs' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const directory = modelFolder(flags.model);
  const bundle = openBundle(directory, { gate: 'optional' });
  const { manifest } = bundle;
  const series = flags.series ?? (existsSync(seriesOf(flags.data)) ? seriesOf(flags.data) : null);
  const model = await loadModel(bundle, { engine: 'auto' });
  const known = knownScans(flags.data, series);
  const shifts = fitShiftsToMeans(await readAtShifts(model, known), manifest.references);
  const references = manifest.references.map((reference) => {
    const fit = shifts.find(({ element }) => element === reference.element);
    if (fit === undefined) return reference;
    const meansShiftEv = (reference.meansShiftEv ?? 0) + fit.shiftEv;
    return { ...reference, meansShiftEv, shiftSigmaEv: Number(fit.sigmaEv.toFixed(2)) };
  });
  // Changes and readings between standards are those of scans with the shifts that were found.
  const shifted = await readAtShifts({ ...model, manifest: { ...manifest, references } }, known, [0]);
  await model.close();
  const fitted = fitMeasuredMeans(shifted, shifts, manifest.network.offsetsEv);
  const page = measuredMeansPage(manifest, shifts, fitted);
  mkdirSync(join(flags.out, 'tables'), { recursive: true });
  writeFileSync(join(flags.out, 'tables', 'measured-means.md'), page);
  console.log(page);
  if (!flags.write) return;
  writeFileSync(join(directory, 'manifest.json'), manifestJson({ ...manifest, references }));
  writeFileSync(MEASURED_MEANS, `${JSON.stringify(fitted.measured, null, 2)}\n`);
  console.log(writtenBundle(directory));
}
