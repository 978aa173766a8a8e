import { standardisedFeature, type TrainingEmbeddings } from './training-embeddings.ts';

/** A classifier of oxides against spectra that are none, on the standardised embedding. */
export type OutlierClassifier = {
  readonly weights: readonly number[]; // [features]
  readonly bias: Readonly<Record<string, number>>; // by element
};

/** Log odds that a spectrum is not one of an oxide; infinite for an element that the classifier was not shown. */
export function outlierScore(
  embedding: ArrayLike<number>,
  element: string,
  { weights, bias }: OutlierClassifier,
  units: Pick<TrainingEmbeddings, 'mean' | 'scale'>,
): number {
  const start = bias[element];
  if (start === undefined) return Number.POSITIVE_INFINITY;
  let odds = start;
  for (let i = 0; i < weights.length; i += 1) odds += standardisedFeature(embedding, i, units) * weights[i]!;
  return odds;
}
