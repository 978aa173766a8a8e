import { standardised, type TrainingEmbeddings } from './training-embeddings.ts';

/** A classifier of oxides against spectra that are none, on the standardised embedding. */
export type OutlierClassifier = {
  readonly weights: readonly number[]; // [features]
  readonly bias: Readonly<Record<string, number>>; // by element
};

/** What the classifier says of held-out spectra of an element: where they lie, and what few of them exceed. */
export type OutlierRange = { readonly middle: number; readonly limit: number };

/** Log odds that a spectrum is not one of an oxide; infinite for an element that the classifier was not shown. */
export function outlierScore(
  embedding: ArrayLike<number>,
  element: string,
  { weights, bias }: OutlierClassifier,
  units: Pick<TrainingEmbeddings, 'mean' | 'scale'>,
): number {
  const start = bias[element];
  if (start === undefined) return Number.POSITIVE_INFINITY;
  const values = standardised(embedding, units);
  let odds = start;
  for (let i = 0; i < values.length; i += 1) odds += values[i]! * weights[i]!;
  return odds;
}

/**
 * The out-of-distribution score of a spectrum, 1 at the limit. Two figures are put together as the sides of a right
 * angle: its distance to the nearest training spectrum, and by how much its log odds exceed the middle of those of
 * held-out spectra.
 */
export function outOfDistributionScore(
  distance: number,
  distanceLimit: number,
  odds: number,
  { middle, limit }: OutlierRange,
): number {
  return Math.hypot(distance / distanceLimit, Math.max(0, odds - middle) / Math.max(limit - middle, 1e-6));
}
