import { openBundle } from '../../src/bundle.ts';
import { modelFolder } from '../../src/cli/model-folder.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { FOLD_NAMES, FOLDS } from '../data/folds.ts';
import { dataOf, learnedBy, readTrainingData } from '../data/training-data.ts';
import { nameFlags } from '../name-flags.ts';
import { number, wholeNumber } from '../number-flags.ts';
import { crossFitFolder } from '../training/cross-fit.ts';
import { commandLine, dataFolders } from '../training/flags.ts';
import type { SiteMeansRecipe } from '../training/site-means/train-site-means.ts';
import { writeSiteMeans } from '../training/site-means/write-site-means.ts';

const HELP = `Trains the network that reads means over sites, on mixtures of a model's training spectra that are
distorted as measurements are.

  npm run workbench -- train-site-means [options]

  --data FILE|FOLDER  what the model was trained with (default as for train); several times for several
  --model NAME|DIR    site-means.json, .bin and .onnx are written into its folder (default: spt)
  --epochs N          default 45
  --rate R            peak learning rate (default 0.001)
  --seed N            default 1
  --folds A,B         of the model's cross-fit (${FOLD_NAMES.join(', ')}), train only those beside A and B and stop, or
                      none and go on: for several processes at once (default: all, then the whole one)
  --help

Then: calibrate.`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      data: { type: 'string', multiple: true },
      model: { type: 'string', default: 'spt' },
      epochs: { type: 'string', default: '45' },
      rate: { type: 'string', default: '0.001' },
      seed: { type: 'string', default: '1' },
      folds: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const folder = modelFolder(flags.model);
  const { id, training } = openBundle(folder, { gate: 'optional' }).manifest;
  const learned = learnedBy(dataOf(readTrainingData(dataFolders(flags)), training), training);
  const recipe: SiteMeansRecipe = {
    epochs: wholeNumber('epochs', flags.epochs),
    batchSize: 128,
    learningRate: number('rate', flags.rate, 0),
    weightDecay: 0.02,
    repeat: 4,
    mixtures: 0.5,
    seed: wholeNumber('seed', flags.seed),
  };
  const command = commandLine('train-site-means', args);
  const folds = nameFlags('folds', flags.folds ?? FOLD_NAMES.join(','), [...FOLD_NAMES, 'none']);
  for (const { fold, others } of training.crossFit === true ? FOLDS : []) {
    if (!folds.includes(String(fold))) continue;
    writeSiteMeans(
      crossFitFolder(id, fold),
      others(learned),
      { ...recipe, seed: recipe.seed + fold + 1 },
      command,
    );
  }
  if (flags.folds === undefined || flags.folds === 'none') writeSiteMeans(folder, learned, recipe, command);
}
