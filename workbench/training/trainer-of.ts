import { FatalError } from '../../src/common/errors.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { nameFlag } from '../name-flags.ts';
import type { Progress } from './progress.ts';
import { trainWithPytorch } from './torch/train-with-pytorch.ts';
import { trainModel } from './train-model.ts';
import type { TrainingPlan } from './training-plan.ts';

export const TRAINERS = ['tensorflow', 'pytorch'] as const;

export const TRAINER_FLAGS = {
  trainer: { type: 'string', default: 'tensorflow' },
  python: { type: 'string' },
} as const;

type TrainerFlags = {
  readonly trainer: string;
  /** For pytorch: an interpreter that has PyTorch and NumPy; undefined installs one. */
  readonly python?: string | undefined;
  /** For pytorch: a folder with what was trained before by such a plan. */
  readonly from?: string | undefined;
};

/**
 * What trains a network by a plan and writes its folder; with `resume` one that is there already is kept.
 * @throws FatalError that names the option which is wrong
 */
export function trainerOf(
  { trainer, python, from }: TrainerFlags,
  progress: Progress,
): (out: string, plan: TrainingPlan, resume: boolean) => Promise<Manifest> {
  const isPytorch = nameFlag('trainer', trainer, TRAINERS) === 'pytorch';
  if (from !== undefined && !isPytorch)
    throw new FatalError(`--from: Expected --trainer pytorch, got ${trainer}`);
  return (out, plan, resume) =>
    isPytorch
      ? trainWithPytorch(out, plan, { python, from, resume, progress })
      : trainModel(out, plan, { resume, progress });
}
