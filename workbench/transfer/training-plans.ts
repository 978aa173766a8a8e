import { sha256 } from '../../src/common/sha256.ts';
import { DESCRIPTOR_NAMES } from '../../src/messages/descriptor-names.ts';
import type { Site } from '../data/dataset.ts';
import { makeFineTuning } from '../training/make-fine-tuning.ts';
import { makeTrainingPlan } from '../training/make-training-plan.ts';
import { trainModel } from '../training/train-model.ts';
import { RECIPE, type Recipe, type TrainingPlan } from '../training/training-plan.ts';

/** Without a word: of the many short trainings nobody looks at each. One that is there already is kept. */
export async function trainQuietly(directory: string, plan: TrainingPlan): Promise<void> {
  const progress = { say: () => {}, step: () => {}, epoch: () => {} };
  await trainModel(directory, plan, { resume: true, progress });
}

export type Way = 'fine-tuned' | 'from scratch';

/** Trains in a folder on a few spectra, going on from a trained model or with these alone. */
export function learnFew(directory: string, way: Way, base: string, train: readonly Site[]): Promise<void> {
  return trainQuietly(directory, way === 'fine-tuned' ? tuning(base, train) : beginning(train));
}

/** To go on from a trained model with a few other spectra. */
export function tuning(from: string, train: readonly Site[]): TrainingPlan {
  const recipe = recipeFor(train.length, 0.0007);
  return makeFineTuning({
    from,
    id: 'tuned',
    seed: 1,
    recipe,
    freezeBody: false,
    train,
    val: [],
    provenance: { spectraHash: hashOf(train) },
  });
}

/** To begin with the same few spectra alone. */
function beginning(train: readonly Site[]): TrainingPlan {
  return makeTrainingPlan({
    id: 'scratch',
    seed: 1,
    recipe: recipeFor(train.length, 0.0015),
    architecture: 'spt',
    size: {},
    descriptors: DESCRIPTOR_NAMES,
    train,
    val: [],
    provenance: { spectraHash: hashOf(train) },
    copiable: [],
    minSpectra: 1,
  });
}

/** About as many steps for few spectra as for many. */
function recipeFor(spectra: number, learningRate: number): Recipe {
  const epochs = Math.min(200, Math.ceil(30 + 2000 / spectra));
  return { ...RECIPE, batchSize: spectra > 100 ? 32 : 16, repeat: 1, learningRate, epochs };
}

/** By which a training is known again: other spectra or labels are another one. */
function hashOf(train: readonly Site[]): string {
  const told = train.map(({ id, labels, weights, energyEv, mu }) => [
    id,
    labels,
    weights,
    [...energyEv],
    [...mu],
  ]);
  return sha256(Buffer.from(JSON.stringify(told)));
}
