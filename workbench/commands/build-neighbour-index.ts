import { openBundle } from '../../src/bundle/bundle.ts';
import { modelFolder } from '../../src/cli/model-folder.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { FOLDS } from '../data/folds.ts';
import { dataOf, learnedBy, readTrainingData } from '../data/training-data.ts';
import { buildNeighbourIndex, elementsWithNeighbours } from '../training/build-neighbour-index.ts';
import { crossFitFolder } from '../training/cross-fit.ts';
import { CROSS_FITS_FLAG, CROSS_FITS_HELP, crossFitNames } from '../training/cross-fits-flag.ts';
import { dataFolders } from '../training/flags.ts';

const HELP = `Gives a trained model its neighbour index: its training spectra as it represents them, with their labels.

  npm run workbench -- build-neighbour-index [options]

  --data FILE|FOLDER  what the model was trained with (default as for train); several times for several
  --model NAME|DIR    neighbours.json and neighbours.bin are written into its folder (default: spt)
${CROSS_FITS_HELP}; the model itself keeps its own then
  --help

The models of a cross-fit get theirs too, without the fold that they have not seen. Then: calibrate.`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      data: { type: 'string', multiple: true },
      model: { type: 'string', default: 'spt' },
      ...CROSS_FITS_FLAG,
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const folder = modelFolder(flags.model);
  const { id, training } = openBundle(folder, { gate: 'optional' }).manifest;
  const data = dataOf(readTrainingData(dataFolders(flags)), training);
  const learned = learnedBy(data, training);
  const say = (directory: string, spectra: ReadonlyMap<string, number>) =>
    console.log(
      `${directory}: ${[...spectra].map(([element, count]) => `${count} of ${element}`).join(', ')}`,
    );
  const elements = elementsWithNeighbours(learned);
  if (elements.length === 0)
    return console.log('No element has materials enough: the model goes without a neighbour index');
  const crossFits = crossFitNames(flags);
  for (const name of crossFits ?? (training.crossFit === true ? [id] : [])) {
    for (const { fold, others } of FOLDS) {
      const folder = crossFitFolder(name, fold);
      say(folder, await buildNeighbourIndex(folder, others(learned), elements));
    }
  }
  if (crossFits === undefined) say(folder, await buildNeighbourIndex(folder, learned, elements));
}
