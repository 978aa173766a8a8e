import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../src/bundle/bundle.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { NON_OXIDES, readNonOxides } from '../calibration/non-oxides.ts';
import { readMeasuredMeans } from '../data/measured-means.ts';
import { seededRandom } from '../data/random.ts';
import { dataOf, learnedBy, readTrainingData } from '../data/training-data.ts';
import { fieldTest } from '../evaluation/field-test/field-test.ts';
import { fieldTestPage } from '../evaluation/field-test/field-test-page.ts';
import { flaggedModel } from '../flagged-model.ts';
import { CROSS_FITS_FLAG, CROSS_FITS_HELP, crossFitNames } from '../training/cross-fits-flag.ts';
import { dataFolders } from '../training/flags.ts';

const HELP = `What the gate accepts, and how often it is right, of samples as experiments measure them: mixtures, wrong
energies, self-absorption and other defects, and of spectra in which there is nothing to find. In five folds by
material, with the models of the cross-fit: neither model nor gate has seen what it is asked of.

  npm run workbench -- field-test [options]

  --model NAME|DIR    that was trained with --cross-fit (default: spt)
  --data FILE|FOLDER  what it was trained with (default as for train); several times for several
${CROSS_FITS_HELP}
  --out FOLDER        where tables/field-test.md goes (default: docs)
  --help`;

/** Other draws than those that the shipped gate was made with. */
const SEED = 20261126;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      model: { type: 'string', default: 'spt' },
      data: { type: 'string', multiple: true },
      ...CROSS_FITS_FLAG,
      out: { type: 'string', default: 'docs' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const bundle = openBundle(await flaggedModel(flags.model), { gate: 'optional' });
  const { training, references, id } = bundle.manifest;
  const learned = learnedBy(dataOf(readTrainingData(dataFolders(flags)), training), training);
  const measured = readMeasuredMeans();
  const draws = {
    copies: 1,
    random: seededRandom(SEED),
    cutting: seededRandom(SEED + 1),
    mixing: seededRandom(SEED + 2),
    more: seededRandom(SEED + 3),
  };
  const nonOxides = readNonOxides(references, NON_OXIDES);
  const rows = await fieldTest(bundle, learned, nonOxides, draws, measured, crossFitNames(flags));
  const page = fieldTestPage(id, rows);
  mkdirSync(join(flags.out, 'tables'), { recursive: true });
  writeFileSync(join(flags.out, 'tables', 'field-test.md'), page);
  console.log(page);
}
