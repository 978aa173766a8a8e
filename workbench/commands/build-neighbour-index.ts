import { openBundle } from '../../src/bundle/bundle.ts';
import { modelFolder } from '../../src/cli/model-folder.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { dataOf, learnedBy, readTrainingData } from '../data/training-data.ts';
import { buildNeighbourIndex, elementsWithNeighbours } from '../training/build-neighbour-index.ts';
import { crossFitFolders } from '../training/cross-fit.ts';
import { CROSS_FITS_FLAG, crossFitNames, MADE_CROSS_FITS_HELP } from '../training/cross-fits-flag.ts';
import { dataFolders } from '../training/flags.ts';

const HELP = `Gives a trained model its neighbour index: its training spectra as it represents them, with their labels.

  npm run workbench -- build-neighbour-index [options]

  --data FILE|FOLDER  what the model was trained with (default as for train); several times for several
  --model NAME|DIR    neighbours.json and neighbours.bin are written into its folder (default: spt)
${MADE_CROSS_FITS_HELP}
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
  const { manifest } = openBundle(folder, { gate: 'optional' });
  const data = dataOf(readTrainingData(dataFolders(flags)), manifest.training);
  const learned = learnedBy(data, manifest.training);
  const say = (directory: string, spectra: ReadonlyMap<string, number>) =>
    console.log(
      `${directory}: ${[...spectra].map(([element, count]) => `${count} of ${element}`).join(', ')}`,
    );
  const elements = elementsWithNeighbours(learned);
  if (elements.length === 0)
    return console.log('No element has materials enough: the model goes without a neighbour index');
  const crossFits = crossFitNames(flags);
  for (const each of crossFitFolders(manifest, crossFits))
    say(each.folder, await buildNeighbourIndex(each.folder, each.others(learned), elements));
  if (crossFits === undefined) say(folder, await buildNeighbourIndex(folder, learned, elements));
}
