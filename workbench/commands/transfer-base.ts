import { parseFlags } from '../../src/cli/parse-flags.ts';
import { DESCRIPTOR_NAMES } from '../../src/messages/descriptor-names.ts';
import { readTrainingData } from '../data/training-data.ts';
import { wholeNumber } from '../number-flags.ts';
import { dataFolders } from '../training/flags.ts';
import { makeTrainingPlan } from '../training/make-training-plan.ts';
import { consoleProgress } from '../training/progress.ts';
import { TRAINER_FLAGS, TRAINERS, trainerOf } from '../training/trainer-of.ts';
import { RECIPE } from '../training/training-plan.ts';
import { judgedSites, teachingSites } from '../transfer/new-elements.ts';
import { NEW_ELEMENTS } from '../transfer/new-elements-section.ts';

const HELP = `Trains the model that transfer goes on from for new absorbers (${NEW_ELEMENTS.join(', ')}): on all sets, but
neither on spectra of these elements nor, at any absorber, on materials and families of which they have true labels.

  npm run workbench -- transfer-base [options]

  --out DIR      default .cache/models/without-${NEW_ELEMENTS.join('-')}
  --epochs N     default 20
  --trainer NAME ${TRAINERS.join(' or ')} (default: tensorflow), as for train
  --python PATH  for pytorch, as for train
  --data FOLDER  default as for train
  --resume       go on from the checkpoint in --out
  --help`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      out: { type: 'string', default: `.cache/models/without-${NEW_ELEMENTS.join('-')}` },
      epochs: { type: 'string', default: '20' },
      ...TRAINER_FLAGS,
      data: { type: 'string', multiple: true },
      resume: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const train = trainerOf(flags, consoleProgress());
  const data = readTrainingData(dataFolders(flags));
  const without = new Set(judgedSites(data, NEW_ELEMENTS).map(({ group }) => group));
  const plan = makeTrainingPlan({
    id: `without-${NEW_ELEMENTS.join('-')}`,
    seed: 1,
    architecture: 'spt',
    recipe: {
      ...RECIPE,
      epochs: wholeNumber('epochs', flags.epochs),
      batchSize: 128,
      learningRate: 0.002,
    },
    size: {},
    descriptors: DESCRIPTOR_NAMES,
    train: teachingSites(data).filter(
      ({ element, group }) => !NEW_ELEMENTS.includes(element) && !without.has(group),
    ),
    val: [],
    provenance: {
      command: 'npm run workbench -- transfer-base',
      files: data.files,
      without: [...without].sort(),
    },
    copiable: [],
  });
  await train(flags.out, plan, flags.resume);
}
