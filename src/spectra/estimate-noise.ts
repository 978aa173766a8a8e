/**
 * Standard deviation of one point of mu among points [from, to), or NaN where fewer than `MIN_RESIDUALS` can be had.
 *
 * Each point is compared with the quintic through its three neighbours on either side: the sixth divided difference
 * over seven points, sum_j mu_j / D_j with D_j the product of the distances to the other six, divided by its own noise
 * gain sqrt(sum_j 1 / D_j^2), so that steps may be uneven. What is wider than some steps cancels; the spread is the
 * median absolute deviation times 1.4826, which a sharp feature or a glitch of a few points does not move.
 */
export function estimateNoise(energyEv: Float64Array, mu: Float64Array, from: number, to: number): number {
  const first = Math.max(from, REACH);
  const end = Math.min(to, energyEv.length - REACH);
  if (end - first < MIN_RESIDUALS) return Number.NaN;
  const residuals = new Float64Array(end - first);
  for (let i = first; i < end; i += 1) {
    const start = i - REACH;
    const stop = i + REACH;
    let difference = 0;
    let gain = 0;
    for (let j = start; j <= stop; j += 1) {
      const at = energyEv[j]!;
      let distances = 1;
      for (let k = start; k < j; k += 1) distances *= at - energyEv[k]!;
      for (let k = j + 1; k <= stop; k += 1) distances *= at - energyEv[k]!;
      const weight = 1 / distances;
      difference += weight * mu[j]!;
      gain += weight * weight;
    }
    residuals[i - first] = Math.abs(difference) / Math.sqrt(gain);
  }
  residuals.sort();
  const middle = residuals.length >> 1;
  const median =
    residuals.length % 2 === 1 ? residuals[middle]! : 0.5 * (residuals[middle - 1]! + residuals[middle]!);
  return 1.4826 * median;
}

export const MIN_RESIDUALS = 8;

/** Neighbours on either side. */
const REACH = 3;
