import { reusedArray } from '../common/reused-array.ts';
import { selectRank } from './select-rank.ts';

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
  const residuals = arrayOfResiduals(end - first);
  let even = 0; // so many steps up to here are alike
  for (let i = first - REACH + 1; i < first + REACH; i += 1) even = isEven(energyEv, i) ? even + 1 : 1;
  // Seven neighbours, from a to g, each of which is read once.
  let a = mu[first - 3]!;
  let b = mu[first - 2]!;
  let c = mu[first - 1]!;
  let d = mu[first]!;
  let e = mu[first + 1]!;
  let f = mu[first + 2]!;
  for (let i = first; i < end; i += 1) {
    even = isEven(energyEv, i + REACH) ? even + 1 : 1;
    const g = mu[i + REACH]!;
    if (even >= 2 * REACH) {
      const outer = a + g - 6 * (b + f);
      const inner = 15 * (c + e) - 20 * d;
      residuals[i - first] = Math.abs(outer + inner) / EVEN_GAIN;
    } else residuals[i - first] = residual(energyEv, mu, i);
    a = b;
    b = c;
    c = d;
    d = e;
    e = f;
    f = g;
  }
  const middle = residuals.length >> 1;
  const upper = selectRank(residuals, middle);
  if (residuals.length % 2 === 1) return 1.4826 * upper;
  return 1.4826 * 0.5 * (largestOf(residuals, middle) + upper);
}

const arrayOfResiduals = reusedArray();

/** Of the first `count` values. */
function largestOf(values: Float64Array, count: number): number {
  let largest = values[0]!;
  for (let i = 1; i < count; i += 1) if (values[i]! > largest) largest = values[i]!;
  return largest;
}

export const MIN_RESIDUALS = 8;

/** Neighbours on either side. */
const REACH = 3;

/** Steps that differ by less than this share count as alike: it moves a residual of 1 by less than 1e-8. */
const ALIKE = 1e-9;

/** Whether the step up to point i is as long as the one before it; there are two points before it. */
function isEven(energyEv: Float64Array, i: number): boolean {
  if (i < 2) return false;
  const stepEv = energyEv[i]! - energyEv[i - 1]!;
  return Math.abs(stepEv - (energyEv[i - 1]! - energyEv[i - 2]!)) <= ALIKE * stepEv;
}

/** On even steps the weights are the binomial coefficients, and their squares' sum is 924. */
const EVEN_GAIN = Math.sqrt(924);

/**
 * Written out, since as two loops it takes twice as long. `a` to `g` without `d` are the six neighbours' energies seen
 * from point i, `ab` the distance between two of them.
 */
function residual(energyEv: Float64Array, mu: Float64Array, i: number): number {
  const at = energyEv[i]!;
  const a = energyEv[i - 3]! - at;
  const b = energyEv[i - 2]! - at;
  const c = energyEv[i - 1]! - at;
  const e = energyEv[i + 1]! - at;
  const f = energyEv[i + 2]! - at;
  const g = energyEv[i + 3]! - at;
  const ab = a - b;
  const ac = a - c;
  const ae = a - e;
  const af = a - f;
  const ag = a - g;
  const bc = b - c;
  const be = b - e;
  const bf = b - f;
  const bg = b - g;
  const ce = c - e;
  const cf = c - f;
  const cg = c - g;
  const ef = e - f;
  const eg = e - g;
  const fg = f - g;
  const wa = 1 / (a * ab * ac * ae * af * ag);
  const wb = -1 / (b * ab * bc * be * bf * bg);
  const wc = 1 / (c * ac * bc * ce * cf * cg);
  const wd = 1 / (a * b * c * e * f * g);
  const we = -1 / (e * ae * be * ce * ef * eg);
  const wf = 1 / (f * af * bf * cf * ef * fg);
  const wg = -1 / (g * ag * bg * cg * eg * fg);
  const difference =
    wa * mu[i - 3]! +
    wb * mu[i - 2]! +
    wc * mu[i - 1]! +
    wd * mu[i]! +
    wf * mu[i + 2]! +
    we * mu[i + 1]! +
    wg * mu[i + 3]!;
  return (
    Math.abs(difference) / Math.sqrt(wa * wa + wb * wb + wc * wc + wd * wd + we * we + wf * wf + wg * wg)
  );
}
