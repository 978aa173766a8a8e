import { type Support, standardised } from './training-embeddings.ts';

/** A classifier of oxides against spectra that are none, on the standardised embedding. */
export type OddnessModel = {
  readonly weights: readonly number[]; // [features]
  readonly bias: Readonly<Record<string, number>>; // by element
};

/** What the classifier says of held-out spectra of an element: where they lie, and where only the strangest do. */
export type OddnessRange = { readonly middle: number; readonly limit: number };

/** Log odds that a spectrum is not one of an oxide; infinite for an element that the classifier was not shown. */
export function oddness(
  embedding: ArrayLike<number>,
  element: string,
  { weights, bias }: OddnessModel,
  units: Pick<Support, 'mean' | 'scale'>,
): number {
  const start = bias[element];
  if (start === undefined) return Number.POSITIVE_INFINITY;
  return standardised(embedding, units).reduce((sum, value, i) => sum + value * weights[i]!, start);
}

/**
 * The strangeness of a spectrum in units of what is still familiar: 1 at the limit. Of two that are put together as the sides of a right
 * angle: its distance to the nearest training spectrum, and by how much its log odds exceed the middle of those of
 * held-out spectra.
 */
export function strangeness(
  distance: number,
  distanceLimit: number,
  odds: number,
  { middle, limit }: OddnessRange,
): number {
  return Math.hypot(distance / distanceLimit, Math.max(0, odds - middle) / Math.max(limit - middle, 1e-6));
}
