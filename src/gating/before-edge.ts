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
export function absorbedBeforeEdge(
  { mu, mask }: OnGrid,
  offsetsEv: ArrayLike<number>,
  usual: readonly number[],
): number[] {
  const absorbed: number[] = [];
  let i = 0;
  for (let range = 0; range < RANGES_BEFORE_EDGE; range += 1) {
    let sum = 0;
    let bins = 0;
    for (; i < mu.length && offsetsEv[i]! < ENDS_EV[range + 1]!; i += 1) {
      if (offsetsEv[i]! < ENDS_EV[range]! || mask[i] !== 1) continue;
      sum += mu[i]!;
      bins += 1;
    }
    absorbed.push(bins === 0 ? usual[range]! : Math.log(Math.max(sum / bins, 0) + LEAST));
  }
  return absorbed;
}
