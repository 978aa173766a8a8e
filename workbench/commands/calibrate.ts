import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../src/bundle/bundle.ts';
import { modelFolder } from '../../src/cli/model-folder.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { sha256 } from '../../src/common/sha256.ts';
import { writtenBundle } from '../bundle/write-bundle.ts';
import { calibrate } from '../calibration/calibrate.ts';
import { NON_OXIDES, readNonOxides } from '../calibration/non-oxides.ts';
import { readMeasuredMeans } from '../data/measured-means.ts';
import { dataOf, readTrainingData } from '../data/training-data.ts';
import { listFlag } from '../list-flag.ts';
import { wholeNumber } from '../number-flags.ts';
import { CROSS_FITS_FLAG, CROSS_FITS_HELP, crossFitNames } from '../training/cross-fits-flag.ts';
import { dataFolders } from '../training/flags.ts';

const HELP = `Makes the gate's table for a model from spectra it was not trained on, with noise added before
preparation.

  npm run workbench -- calibrate [options]

  --data FILE|FOLDER  what the model was trained with (default as for train); several times for several
  --non-oxides FILE   computed spectra that the gate is to refuse (default: ${NON_OXIDES})
  --model NAME|DIR    gets gate.json and training-embeddings.bin (default: spt)
${CROSS_FITS_HELP}
  --elements A,B      make anew what the table says of these, and keep the rest as it is (default: all)
  --draws N           noisy copies of each spectrum in each noise bin (default: 1)
  --seed N            of the noise (default: 20261123)
  --help`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      data: { type: 'string', multiple: true },
      'non-oxides': { type: 'string', default: NON_OXIDES },
      model: { type: 'string', default: 'spt' },
      ...CROSS_FITS_FLAG,
      elements: { type: 'string' },
      draws: { type: 'string', default: '1' },
      seed: { type: 'string', default: '20261123' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const directory = modelFolder(flags.model);
  const bundle = openBundle(directory, { gate: 'optional' });
  const { training, references } = bundle.manifest;
  const copies = wholeNumber('draws', flags.draws);
  const seed = wholeNumber('seed', flags.seed);
  const data = dataOf(readTrainingData(dataFolders(flags)), training);
  const nonOxides = readNonOxides(references, flags['non-oxides']);
  const measured = readMeasuredMeans();
  const crossFits = crossFitNames(flags);
  const elements = flags.elements === undefined ? undefined : listFlag('elements', flags.elements);
  const named = [
    ...(crossFits ? [` --cross-fits ${crossFits.join(',')}`] : []),
    ...(elements ? [` --elements ${elements.join(',')}`] : []),
  ].join('');
  const made = await calibrate(bundle, data, nonOxides, {
    copies,
    seed,
    crossFits,
    elements,
    measured,
    madeBy: {
      command: `npm run workbench -- calibrate --draws ${copies} --seed ${seed}${named}`,
      nonOxides: sha256(readFileSync(flags['non-oxides'])),
    },
  });
  if (made.embeddings !== null) writeFileSync(join(directory, 'training-embeddings.bin'), made.embeddings);
  writeFileSync(join(directory, 'gate.json'), made.json);
  console.log(`${made.report}\n${writtenBundle(directory)}`);
}
