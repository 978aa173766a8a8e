import type { Epoch } from './train-model.ts';
export async function plotLearningCurve(
  _curve: readonly Epoch[],
  _id: string,
  _file: string,
): Promise<void> {}
