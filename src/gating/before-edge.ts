import type { OnGrid } from './rulers.ts';

/**
 * Ends of the ranges before the edge that are looked at, eV about the middle of an oxide's edge. A metal's edge begins
 * 12 to 14 eV below it, with a shoulder of a quarter to half of the edge step; oxides have a weak line there at most.
 */
const ENDS_EV = [-10, -8.5, -7, -5.5, -4, -2] as const;
/** So many ranges. */
export const RANGES_BEFORE_EDGE = ENDS_EV.length - 1;
/** Added to mu, which noise takes below zero there. */
const LEAST = 0.02;

/**
 * How much is absorbed before the edge, range by range: the natural logarithm of mu over the edge step.
 * @param usual stands for a range that was not measured [RANGES_BEFORE_EDGE]
 * @returns [RANGES_BEFORE_EDGE]
 */
export const absorbedBeforeEdge = (
  spectrum: OnGrid,
  offsetsEv: ArrayLike<number>,
  usual: readonly number[],
): number[] =>
  usual.map((value, i) => absorbedBetween(spectrum, offsetsEv, ENDS_EV[i]!, ENDS_EV[i + 1]!) ?? value);

/** The natural logarithm of the mean of mu over the edge step, within a range; null where it was not measured. */
export function absorbedBetween(
  { mu, mask }: OnGrid,
  offsetsEv: ArrayLike<number>,
  fromEv: number,
  toEv: number,
): number | null {
  let sum = 0;
  let bins = 0;
  for (let i = 0; i < mu.length && offsetsEv[i]! < toEv; i += 1) {
    if (offsetsEv[i]! < fromEv || mask[i] !== 1) continue;
    sum += mu[i]!;
    bins += 1;
  }
  return bins === 0 ? null : Math.log(Math.max(sum / bins, 0) + LEAST);
}
