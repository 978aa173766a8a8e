import type { parseArgs } from 'node:util';
import { modelFolder } from '../../src/cli/model-folder.ts';
import { ARCHITECTURES } from '../../src/model/network-config.ts';
import type { Site } from '../data/dataset.ts';
import { learnedSites, readTrainingData, SPLIT_RULE } from '../data/training-data.ts';
import { listFlag } from '../list-flag.ts';
import { nameFlag } from '../name-flags.ts';
import { number, wholeNumber } from '../number-flags.ts';
import { commandLine, dataFolders, descriptorList, leftOut, recipeOf, TRAINING_FLAGS } from './flags.ts';
import { makeTrainingPlan } from './make-training-plan.ts';
import { TRAINER_FLAGS } from './trainer-of.ts';
import { RECIPE, type TrainingPlan } from './training-plan.ts';

/** Options of `train`, as node:util's parseArgs takes them. */
export const TRAIN_FLAGS = {
  ...TRAINING_FLAGS,
  out: { type: 'string' },
  id: { type: 'string' },
  architecture: { type: 'string', default: 'spt' },
  descriptors: { type: 'string' },
  dropout: { type: 'string', default: '0.2' },
  channels: { type: 'string', default: '32' },
  features: { type: 'string', default: '128' },
  'distil-from': { type: 'string' },
  'distil-share': { type: 'string', default: String(RECIPE.distillationShare) },
  limit: { type: 'string' },
  'all-of': { type: 'string' },
  'cross-fit': { type: 'boolean', default: false },
  folds: { type: 'string' },
  why: { type: 'string' },
  ...TRAINER_FLAGS,
  from: { type: 'string' },
} as const;

type Flags = ReturnType<typeof parseArgs<{ options: typeof TRAIN_FLAGS }>>['values'];

/**
 * Reads the spectra and makes the plan of a training that starts anew.
 * @param args what the command was called with: kept in the manifest
 * @throws FatalError that names the option, or the file and line, which is wrong
 */
export function planFromFlags(flags: Flags, args: readonly string[]): TrainingPlan {
  const architecture = nameFlag('architecture', flags.architecture, ARCHITECTURES);
  const seed = wholeNumber('seed', flags.seed);
  const crossFit = flags['cross-fit'];
  const listOf = (name: 'all-of' | 'distil-from'): string[] => {
    const text = flags[name];
    return text === undefined ? [] : listFlag(name, text);
  };
  const wholly = listOf('all-of');
  const teachers = listOf('distil-from').map((model) => modelFolder(model, 'distil-from'));
  const data = readTrainingData(dataFolders(flags), leftOut(flags));
  const all = learnedSites(data, wholly, crossFit);
  const every = flags.limit === undefined ? 1 : Math.ceil(all.length / wholeNumber('limit', flags.limit));
  return makeTrainingPlan({
    id: flags.id ?? `${architecture}-${seed}`,
    seed,
    architecture,
    recipe: {
      ...recipeOf(flags),
      distillFrom: teachers,
      distillationShare: number('distil-share', flags['distil-share'], 0),
    },
    size: {
      channels: wholeNumber('channels', flags.channels),
      features: wholeNumber('features', flags.features),
      dropout: number('dropout', flags.dropout, 0),
    },
    descriptors: descriptorList(flags.descriptors),
    train: all.filter((_, i) => i % every === 0),
    val: crossFit ? [] : data.val,
    provenance: {
      command: commandLine('train', args),
      files: data.files,
      splitRule: SPLIT_RULE,
      allOf: wholly,
      crossFit,
      ...(flags.why !== undefined && { why: flags.why }),
      families: {
        val: crossFit ? [] : familiesOf(data.val),
        test: familiesOf(data.test.filter((site) => !all.includes(site))),
      },
    },
    copiable: data.test.filter(({ scale }) => scale === 'feff10'), // ours, or the user's own
  });
}

/** Prototype families that were kept back. */
function familiesOf(sites: readonly Site[]): readonly string[] {
  return [...new Set(sites.flatMap(({ group, material }) => (group === material ? [] : [group])))];
}
