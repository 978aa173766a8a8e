import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Bundle, openBundle } from '../../src/bundle/bundle.ts';
import { FatalError } from '../../src/common/errors.ts';
import { loadModel, type Model } from '../../src/model/load-model.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { FOLDS, type Fold } from '../data/folds.ts';
import type { TrainingPlan } from './training-plan.ts';

/** Where the models lie that have not seen one fold each; calibration finds them by the id of the whole model. */
export function crossFitFolder(id: string, fold: number): string {
  return join('.cache', 'cross-fit', id, String(fold));
}

/**
 * Of a model, or of the cross-fits that are named: where the models lie, or will, each with the fold that it has not
 * seen. None where the model was trained without and none is named.
 */
export function crossFitFolders(
  { id, training }: WithCrossFit,
  names: readonly string[] = training.crossFit === true ? [id] : [],
): readonly (Fold & { readonly folder: string })[] {
  return names.flatMap((name) => FOLDS.map((each) => ({ ...each, folder: crossFitFolder(name, each.fold) })));
}

/** @throws FatalError where the model of the fold is not there */
export const madeCrossFitFolder = (id: string, fold: number): string => made(crossFitFolder(id, fold), fold);

function made(directory: string, fold: number): string {
  if (!existsSync(directory))
    throw new FatalError(
      `Expected the model of fold ${fold} in ${directory}: train with --cross-fit, or docs/workbench/training.md`,
    );
  return directory;
}

/**
 * The same training plan without one fold each: what these models say of their fold stands for what the whole one says
 * of new spectra.
 */
export function crossFit(
  plan: TrainingPlan,
): readonly { readonly fold: number; readonly directory: string; readonly plan: TrainingPlan }[] {
  return FOLDS.map(({ fold, others }) => ({
    fold,
    directory: crossFitFolder(plan.id, fold),
    plan: {
      ...plan,
      id: `${plan.id}-fold-${fold}`,
      seed: plan.seed + fold + 1,
      train: others(plan.train),
      golden: [],
    },
  }));
}

type WithCrossFit = Pick<Manifest, 'id' | 'training'>;
type FoldBundle = Fold & { readonly bundle: Bundle };
type FoldModel = Fold & { readonly directory: string; readonly model: Model };

/**
 * The models of a cross-fit as they lie there, each with the fold that it has not seen.
 * @param whole the manifest of the model that has seen all
 * @param names of several cross-fits, of other seeds, one after the other; by default the one that the model was
 * trained with
 * @throws FatalError where there was no cross-fit, or one of its models is not there
 */
export function crossFitBundles(whole: WithCrossFit, names?: readonly string[]): readonly FoldBundle[] {
  const { id, training } = whole;
  if (training.crossFit !== true) throw new FatalError(`Expected ${id} to be trained with --cross-fit`);
  return crossFitFolders(whole, names).map(({ folder, ...each }) => ({
    ...each,
    bundle: openBundle(made(folder, each.fold), { gate: 'optional' }),
  }));
}

/** The same in turn, each loaded; closed after its turn. */
export async function* crossFitModels(whole: WithCrossFit): AsyncGenerator<FoldModel> {
  yield* loadedInTurn(crossFitBundles(whole));
}

/** Of models that were opened already. */
export async function* loadedInTurn(opened: readonly FoldBundle[]): AsyncGenerator<FoldModel> {
  for (const { bundle, ...fold } of opened) {
    const model = await loadModel(bundle, { engine: 'auto' });
    try {
      yield { ...fold, directory: bundle.directory, model };
    } finally {
      await model.close();
    }
  }
}
