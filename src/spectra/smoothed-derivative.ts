import { reusedArray } from '../common/reused-array.ts';

/**
 * dmu/dE at points [from, to), smoothed by a Lorentzian of half width `widthEv`: [to - from].
 * As larch does it: central differences, interpolated to an even axis of step `finestEv` (coarser for a wide
 * Lorentzian) so that densely measured stretches do not outweigh the others, convolved there, and interpolated back.
 * Beyond the ends the derivative is mirrored. What is answered is lost when the next derivative is asked for.
 */
export function smoothedDerivative(
  energyEv: Float64Array,
  mu: Float64Array,
  from: number,
  to: number,
  finestEv: number,
  widthEv: number,
): Float64Array {
  const count = to - from;
  const slope = arrayOfAnswers(count);
  for (let k = 0; k < count; k += 1) {
    const left = from + Math.max(0, k - 1);
    const right = from + Math.min(count - 1, k + 1);
    slope[k] = (mu[right]! - mu[left]!) / (energyEv[right]! - energyEv[left]!);
  }
  if (widthEv <= 0) return slope;

  const { stepEv, reach } = smoothingAxis(energyEv[to - 1]! - energyEv[from]!, finestEv, widthEv);
  const weights = arrayOfWeights(2 * reach + 1);
  let total = 0;
  for (let j = 0; j <= 2 * reach; j += 1) {
    weights[j] = 1 / (1 + (((j - reach) * stepEv) / widthEv) ** 2);
    total += weights[j]!;
  }
  // On multiples of the step: where it is as wide as the Lorentzian, its place decides between neighbouring points, and
  // any place but larch's moves E0 by a point on one measured scan in forty.
  const firstStep = Math.floor(energyEv[from]! / stepEv);
  const startEv = firstStep * stepEv;
  const steps = Math.ceil(energyEv[to - 1]! / stepEv) - firstStep + 1;
  const even = arrayOfSlopes(steps + 2 * reach + TAIL);
  for (let j = 0, k = 0; j < steps; j += 1) {
    const at = startEv + j * stepEv;
    while (k < count - 2 && energyEv[from + k + 1]! < at) k += 1;
    const low = energyEv[from + k]!;
    const share = Math.max(0, Math.min(1, (at - low) / (energyEv[from + k + 1]! - low)));
    even[reach + j] = slope[k]! + share * (slope[k + 1]! - slope[k]!);
  }
  for (let j = 1; j <= reach; j += 1) {
    const inside = Math.min(j, steps - 1);
    even[reach - j] = even[reach + inside]!;
    even[reach + steps - 1 + j] = even[reach + steps - 1 - inside]!;
  }
  const convolved = convolve(even, weights, steps, total);
  for (let i = 0; i < count; i += 1) {
    const at = (energyEv[from + i]! - startEv) / stepEv;
    const below = Math.min(steps - 2, Math.floor(at));
    slope[i] = convolved[below]! + (at - below) * (convolved[below + 1]! - convolved[below]!);
  }
  return slope;
}

/**
 * Sums of `weights` times the values from i on, over `total`: [steps], and up to three more that mean nothing. Four at
 * a time, since in each sum an addition waits for the one before it; what they share of the values is read once.
 * @param values [steps + weights - 1], and TAIL more of any kind
 */
function convolve(values: Float64Array, weights: Float64Array, steps: number, total: number): Float64Array {
  const sums = arrayOfSums(steps + TAIL);
  for (let i = 0; i < steps; i += 4) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let first = values[i]!;
    let second = values[i + 1]!;
    let third = values[i + 2]!;
    for (let j = 0; j < weights.length; j += 1) {
      const weight = weights[j]!;
      const fourth = values[i + j + 3]!;
      a += weight * first;
      b += weight * second;
      c += weight * third;
      d += weight * fourth;
      first = second;
      second = third;
      third = fourth;
    }
    sums[i] = a / total;
    sums[i + 1] = b / total;
    sums[i + 2] = c / total;
    sums[i + 3] = d / total;
  }
  return sums;
}

/** Of the last four sums so many may lie beyond what is asked for. */
const TAIL = 3;

const arrayOfAnswers = reusedArray();
const arrayOfWeights = reusedArray();
const arrayOfSlopes = reusedArray();
const arrayOfSums = reusedArray();

const SAMPLES_PER_WIDTH = 8;
/** So far out a Lorentzian's weight is below 1% of its peak. */
const REACH_IN_WIDTHS = 12;

/**
 * The even axis on which a span of energies is smoothed: its step, and how many steps the Lorentzian reaches to either
 * side. A wide Lorentzian needs no fine axis. However far apart two energies of a scan lie, span / step stays below
 * MAX_STEPS, which is more than a scan over 2,500 eV in the finest steps has: what is done for one scan is bounded.
 */
export function smoothingAxis(
  spanEv: number,
  finestEv: number,
  widthEv: number,
): { readonly stepEv: number; readonly reach: number } {
  const stepEv = Math.max(finestEv, widthEv / SAMPLES_PER_WIDTH, spanEv / MAX_STEPS);
  return { stepEv, reach: Math.ceil((REACH_IN_WIDTHS * widthEv) / stepEv) };
}

export const MAX_STEPS = 200_000;
