import type { ModelInput } from '../messages/prepared.ts';

/** A normalised spectrum on the model's grid. */
export type OnGrid = Pick<ModelInput, 'mu' | 'mask'>;

/** Levels of the normalised edge whose energies are averaged: one level alone may be a shoulder's. */
const LEVELS = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
/** The maximum behind the edge lies below this, eV about the middle of the edge. */
const TOP_BELOW_EV = 25;
/** Linear combinations are compared up to here. */
const COMBINED_TO_EV = 30;

/**
 * Where the edge lies, eV about the middle of the element's edge: the mean energy at which the normalised spectrum
 * passes `levels` for the last time below its maximum, so that a peak before the edge is not taken for it.
 * @returns NaN where the spectrum begins above the lowest level
 */
export function edgePosition(
  { mu, mask }: OnGrid,
  offsetsEv: ArrayLike<number>,
  levels: readonly number[] = LEVELS,
): number {
  const first = mask.indexOf(1);
  let top = first;
  for (let i = first; i < mu.length && offsetsEv[i]! < TOP_BELOW_EV; i += 1)
    if (mask[i] === 1 && mu[i]! > mu[top]!) top = i;
  let sum = 0;
  for (const level of levels) {
    let i = top;
    while (i > first && mu[i - 1]! >= level) i -= 1;
    if (i <= first) return Number.NaN;
    const t = (level - mu[i - 1]!) / (mu[i]! - mu[i - 1]!);
    sum += offsetsEv[i - 1]! + t * (offsetsEv[i]! - offsetsEv[i - 1]!);
  }
  return sum / levels.length;
}

/** A scan as the sum of two spectra. */
export type Combination = {
  /** Of the second, by least squares; below 0 or above 1 outside of the two. */
  readonly share: number;
  /** Root mean square of what is left, over that of the difference of the two. */
  readonly residual: number;
  /** The latter: of spectra in edge steps, of derivatives in edge steps an eV. */
  readonly difference: number;
};

/**
 * Linear combination of two spectra, by least squares over the energies that all three cover.
 * @param slopes whether their derivatives are compared: these do not see a background
 */
export function linearCombination(
  scan: OnGrid,
  first: OnGrid,
  second: OnGrid,
  offsetsEv: ArrayLike<number>,
  slopes: boolean,
): Combination {
  const bins: number[] = [];
  for (let i = 0; i < scan.mu.length && offsetsEv[i]! <= COMBINED_TO_EV; i += 1)
    if (scan.mask[i] === 1 && first.mask[i] === 1 && second.mask[i] === 1) bins.push(i);
  const at = ({ mu }: OnGrid, k: number): number => {
    const i = bins[k]!;
    if (!slopes) return mu[i]!;
    const [a, b] = [bins[Math.max(0, k - 1)]!, bins[Math.min(bins.length - 1, k + 1)]!];
    return a === b ? 0 : (mu[b]! - mu[a]!) / (offsetsEv[b]! - offsetsEv[a]!);
  };
  let [across, along, width] = [0, 0, 0];
  const parts = bins.map((bin, k) => {
    const room = offsetsEv[Math.min(bin + 1, offsetsEv.length - 1)]! - offsetsEv[Math.max(bin - 1, 0)]!;
    const base = at(first, k);
    const difference = at(second, k) - base;
    const rest = at(scan, k) - base;
    across += room * difference * rest;
    along += room * difference * difference;
    width += room;
    return { room, difference, rest };
  });
  const share = across / along;
  const left = parts.reduce(
    (sum, { room, difference, rest }) => sum + room * (rest - share * difference) ** 2,
    0,
  );
  return { share, residual: Math.sqrt(left / along), difference: Math.sqrt(along / width) };
}
