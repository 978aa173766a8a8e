import { join } from 'node:path';
import type { Site } from '../data/dataset.ts';
import { CROSS_VALIDATION, foldOf } from '../data/folds.ts';
import type { TrainingPlan } from './training-plan.ts';

export type Fold = { readonly fold: number; readonly directory: string; readonly plan: TrainingPlan };

/** Where the models lie that have not seen one fold each; calibration finds them by the id of the whole model. */
export function crossFitFolder(id: string, fold: number): string {
  return join('.cache', 'cross-fit', id, String(fold));
}

/** Material and family stay together. */
export function foldOfSite({ group }: Pick<Site, 'group'>): number {
  return foldOf(group, CROSS_VALIDATION.seed, CROSS_VALIDATION.folds);
}

/**
 * The same training plan without one fold each: what these models say of their fold stands for what the whole one says
 * of new spectra.
 */
export function crossFit(plan: TrainingPlan): readonly Fold[] {
  return Array.from({ length: CROSS_VALIDATION.folds }, (_, fold) => ({
    fold,
    directory: crossFitFolder(plan.id, fold),
    plan: {
      ...plan,
      id: `${plan.id}-fold-${fold}`,
      seed: plan.seed + fold + 1,
      train: plan.train.filter((site) => foldOfSite(site) !== fold),
      golden: [],
    },
  }));
}
