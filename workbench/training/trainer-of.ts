import type { Manifest } from '../../src/model/manifest.ts';
import type { Progress } from './progress.ts';
import { trainWithPytorch } from './torch/train-with-pytorch.ts';
import { trainModel } from './train-model.ts';
import type { TrainingPlan } from './training-plan.ts';

export const TRAINERS = ['tensorflow', 'pytorch'] as const;

export const TRAINER_FLAGS = {
  trainer: { type: 'string', default: 'tensorflow' },
  python: { type: 'string' },
} as const;

/**
 * What trains a network by a plan and writes its folder; with `resume` one that is there already is kept.
 * @param options.python for pytorch: an interpreter that has PyTorch and NumPy; undefined installs one
 * @param options.from for pytorch: a folder with what was trained before by such a plan
 */
export function trainerOf(
  trainer: (typeof TRAINERS)[number],
  options: {
    readonly python: string | undefined;
    readonly from?: string | undefined;
    readonly progress: Progress;
  },
): (out: string, plan: TrainingPlan, resume: boolean) => Promise<Manifest> {
  const { python, from, progress } = options;
  return (out, plan, resume) =>
    trainer === 'pytorch'
      ? trainWithPytorch(out, plan, { python, from, resume, progress })
      : trainModel(out, plan, { resume, progress });
}
