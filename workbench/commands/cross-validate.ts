import { parseFlags } from '../../src/cli/parse-flags.ts';
import { ARCHITECTURES } from '../../src/model/network-config.ts';
import { crossValidate } from '../comparison/cross-validate.ts';
import { readCuSites } from '../comparison/cu-sites.ts';
import { SCORES } from '../comparison/fold-scores.ts';
import { OMNIXAS } from '../data/data-folders.ts';
import { FOLD_NAMES, FOLDS } from '../data/folds.ts';
import { nameFlag, nameFlags } from '../name-flags.ts';
import { number, wholeNumber } from '../number-flags.ts';
import { makeTrainingPlan } from '../training/make-training-plan.ts';
import { consoleProgress } from '../training/progress.ts';
import { TRAINER_FLAGS, TRAINERS, trainerOf } from '../training/trainer-of.ts';
import { RECIPE } from '../training/training-plan.ts';

const HELP = `Cross-validates our networks by material on cu-feff9, all with one recipe, and writes
${SCORES}/NAME.json.

  npm run workbench -- cross-validate [options]

  --architecture NAME  ${ARCHITECTURES.join(', ')} (default: spt)
  --experts            a network for each descriptor, in place of one for all
  --name NAME          of the scores (default: the architecture, -experts if so)
  --epochs N           default 40
  --rate R             peak learning rate (default ${RECIPE.learningRate})
  --channels N         default 32
  --features N         default 128
  --trainer NAME       ${TRAINERS.join(' or ')} (default: tensorflow). PyTorch trains SPT alone, in less time
  --python PATH        for pytorch, as for train
  --folds A,B          only these (default: all ${FOLDS.length}); folds that are there already are kept
  --data FOLDER        holds cu-feff9 (default: XANES_DATA or data/omnixas)
  --help

Then comparison-table writes the table.`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      architecture: { type: 'string', default: 'spt' },
      experts: { type: 'boolean', default: false },
      name: { type: 'string' },
      epochs: { type: 'string', default: '40' },
      rate: { type: 'string', default: String(RECIPE.learningRate) },
      channels: { type: 'string', default: '32' },
      features: { type: 'string', default: '128' },
      ...TRAINER_FLAGS,
      folds: { type: 'string', default: FOLD_NAMES.join(',') },
      data: { type: 'string', default: OMNIXAS },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const architecture = nameFlag('architecture', flags.architecture, ARCHITECTURES);
  const model = flags.name ?? `${architecture}${flags.experts ? '-experts' : ''}`;
  const progress = consoleProgress();
  const train = trainerOf(flags, progress);
  const folds = nameFlags('folds', flags.folds, FOLD_NAMES).map(Number);
  const recipe = {
    ...RECIPE,
    epochs: wholeNumber('epochs', flags.epochs),
    learningRate: number('rate', flags.rate, 0),
  };
  const size = {
    channels: wholeNumber('channels', flags.channels),
    features: wholeNumber('features', flags.features),
  };
  const sites = readCuSites(flags.data);
  await crossValidate({
    ...{ model, experts: flags.experts, folds, sites, progress },
    train,
    note: flags.trainer === 'pytorch' ? 'trained with PyTorch' : undefined,
    planOf: (fold, descriptors) =>
      makeTrainingPlan({
        ...{ id: `${model}-fold-${fold}`, seed: fold + 1, architecture, recipe, size, descriptors },
        train: FOLDS[fold]!.others(sites),
        val: [], // the last epoch is kept: nothing is chosen
        provenance: { fold },
        copiable: [],
      }),
  });
}
