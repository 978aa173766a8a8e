import { reusedArray } from '../common/reused-array.ts';
import { smoothedDerivative } from './smoothed-derivative.ts';

/**
 * Index of the edge energy E0 among points [from, to) by larch's rule: the largest derivative, first of the plain mu,
 * then of the smoothed one within 75 points of that. A derivative counts if it is above 0.60 of the range and so are
 * its two neighbours (a glitch is single); the first and last max(3, 2%) points are left out; the Lorentzian's half
 * width lies halfway between the scan's finest step and E/25000.
 * `noise` (standard deviation of mu over the edge step) widens it, so that a noisy scan's steepest point is not its
 * luckiest.
 */
export function findE0(
  energyEv: Float64Array,
  mu: Float64Array,
  from = 0,
  to = energyEv.length,
  noise = 0,
): number {
  const wideningEv = noise > QUIET ? WIDTH_PER_NOISE_EV * noise : 0;
  const finestEv = finestStep(energyEv, from, to);
  const points = to - from;
  const coarse = steepest(smoothedDerivative(energyEv, mu, from, to, clampStep(finestEv), wideningEv));
  const atStart = coarse < 0.05 * points;
  const first = atStart ? Math.max(3, coarse - 20) : Math.max(3, coarse - 75);
  const end = atStart ? points - 3 : Math.min(coarse + 75, points - 3);
  if (end - first < 7) return from + coarse;

  const stepEv = 0.5 * (clampStep(finestEv) + clampStep(energyEv[from + coarse]! / 25_000));
  return (
    from +
    first +
    steepest(smoothedDerivative(energyEv, mu, from + first, from + end, stepEv, stepEv + wideningEv))
  );
}

/** Below, larch's width is enough. */
const QUIET = 0.005;

/** At a noise of 0.05 the derivative is smoothed over 1 eV more, about half the width of an edge. */
const WIDTH_PER_NOISE_EV = 20;

const clampStep = (stepEv: number): number => Math.max(0.01, Math.min(1, stepEv));

/** Index of the largest value that is no glitch and not at an end. */
function steepest(derivative: Float64Array): number {
  const count = derivative.length;
  const guard = Math.max(3, Math.floor(0.02 * count));
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let k = guard; k < count - guard; k += 1) {
    const value = derivative[k]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  for (const share of [0.6, 0.3, 0.15]) {
    const floor = low + share * (high - low);
    let best = -1;
    for (let k = guard; k < count - guard; k += 1) {
      const value = derivative[k]!;
      if (value <= floor || derivative[k - 1]! <= floor || derivative[k + 1]! <= floor) continue;
      if (best < 0 || value > derivative[best]!) best = k;
    }
    if (best >= 0) return best;
  }
  return Math.max(0, derivative.indexOf(high));
}

/** Mean of the ten smallest steps, the smallest hundredth left out: larch's find_energy_step. */
function finestStep(energyEv: Float64Array, from: number, to: number): number {
  const skip = Math.floor(0.01 * (to - from));
  const size = Math.min(skip + 10, to - from - 1 - 2 * skip);
  const smallest = arrayOfSteps(size).fill(Number.POSITIVE_INFINITY); // ascending
  for (let i = from + skip; i < to - 1 - skip; i += 1) {
    const stepEv = energyEv[i + 1]! - energyEv[i]!;
    if (stepEv >= smallest[size - 1]!) continue;
    let k = size - 1;
    for (; k > 0 && smallest[k - 1]! > stepEv; k -= 1) smallest[k] = smallest[k - 1]!;
    smallest[k] = stepEv;
  }
  const start = Math.min(skip, size - 1);
  let sum = 0;
  for (let k = start; k < size; k += 1) sum += smallest[k]!;
  return sum / (size - start);
}

const arrayOfSteps = reusedArray();
