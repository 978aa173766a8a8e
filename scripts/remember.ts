import { CROSS_VALIDATION } from '../src/model/folds.ts';
import { readManifest } from '../src/model/manifest.ts';
import { dataOf, learnedBy, readTrainingData } from '../src/model/training-data.ts';
import { parseFlags } from './parse-flags.ts';
import { runCommand } from './run-command.ts';
import { crossFitFolder, foldOfSite } from './training/cross-fit.ts';
import { dataFolders } from './training/flags.ts';
import { elementsWithRelatives, makeMemory } from './training/make-memory.ts';

const HELP = `Gives a trained model its memory: its training spectra as it represents them, with their labels.

  npm run remember -- [options]

  --data FOLDER   what the model was trained with (default as for train); several times for several folders
  --weights DIR   the model; memory.json and memory.bin are written there (default: weights/spt)
  --help

The models of a cross-fit get theirs too, without the fold that they have not seen. Then: npm run calibrate.`;

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      data: { type: 'string', multiple: true },
      weights: { type: 'string', default: 'weights/spt' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const { id, training } = readManifest(flags.weights);
  const data = dataOf(readTrainingData(dataFolders(flags)), training);
  const learned = learnedBy(data, training);
  const say = (directory: string, spectra: ReadonlyMap<string, number>) =>
    console.log(
      `${directory}: ${[...spectra].map(([element, count]) => `${count} of ${element}`).join(', ')}`,
    );
  const elements = elementsWithRelatives(learned);
  if (elements.length === 0)
    return console.log('No element has materials enough: the model goes without a memory');
  for (let fold = 0; training.crossFit === true && fold < CROSS_VALIDATION.folds; fold++) {
    const others = learned.filter((site) => foldOfSite(site) !== fold);
    say(crossFitFolder(id, fold), await makeMemory(crossFitFolder(id, fold), others, elements));
  }
  say(flags.weights, await makeMemory(flags.weights, learned, elements));
});
