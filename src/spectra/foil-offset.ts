import { SCAN_BOUNDS, type Scan } from '../messages/scan.ts';
import { estimateNoise } from './estimate-noise.ts';
import { lowerBound } from './lower-bound.ts';
import { meanBetween } from './normalise.ts';

/** What the reference channel beside a sample says of the energies. */
export type FoilReading =
  /** eV to be added to the scan's energies, so that the foil's first inflection lies where its metal's does. */
  | { readonly kind: 'foil'; readonly offsetEv: number }
  /** There is a channel with an edge, and it is not believed: why, in a clause. */
  | { readonly kind: 'unusable'; readonly why: string }
  /** No channel, or nothing in it. */
  | { readonly kind: 'none' };

/**
 * Reads the reference channel of a scan, and believes it only where it looks like the metal's foil: no white line; a
 * shoulder, at whose first inflection the metal's energy is defined, some eV below the middle of the rise (an oxide
 * rises in one step, and so does light that leaks around a sample); not further off than monochromators are.
 * @param foilE0Ev tabulated energy of the metal's first inflection, eV
 */
export function readFoil(scan: Scan, foilE0Ev: number): FoilReading {
  const { energyEv } = scan;
  const reference = referenceAbsorption(scan);
  if (reference === null) return { kind: 'none' };
  const from = lowerBound(energyEv, foilE0Ev - SEARCH_EV);
  const to = lowerBound(energyEv, foilE0Ev + SEARCH_EV);
  if (to - from < MIN_SEARCH_POINTS) return { kind: 'none' };

  const { inflectionEv, half } = firstInflection(energyEv, reference, foilE0Ev);
  const beforeFrom = lowerBound(energyEv, inflectionEv - 30);
  const beforeTo = lowerBound(energyEv, inflectionEv - 5);
  const afterFrom = lowerBound(energyEv, inflectionEv + 15);
  const afterTo = lowerBound(energyEv, inflectionEv + 45);
  if (beforeTo - beforeFrom < 3 || afterTo - afterFrom < 3) return { kind: 'none' };
  const before = meanBetween(reference, beforeFrom, beforeTo);
  const step = meanBetween(reference, afterFrom, afterTo) - before;
  const noise = estimateNoise(energyEv, reference, afterFrom, afterTo);
  if (!(step > MIN_STEP && step > MIN_STEP_IN_NOISE * noise)) return { kind: 'none' };

  const offsetEv = foilE0Ev - inflectionEv;
  if (Math.abs(offsetEv) > MAX_OFFSET_EV)
    return unusable(`its first inflection is ${(-offsetEv).toFixed(1)} eV from the foil's`);
  const top = highest(reference, lowerBound(energyEv, inflectionEv), afterTo);
  const whiteLine = (top - before) / step;
  if (whiteLine > MAX_WHITE_LINE)
    return unusable(`it has a white line of ${whiteLine.toPrecision(3)} edge steps, which no foil has`);
  const halfEv = half(before + 0.5 * step);
  if (halfEv - inflectionEv < MIN_SHOULDER_EV)
    return unusable(
      `it rises in one step, half of it ${(halfEv - inflectionEv).toFixed(1)} eV above its first inflection`,
    );
  return { kind: 'foil', offsetEv };
}

/**
 * Offset (eV, to be added to the energies) that brings the first inflection of a foil's own scan to its tabulated
 * energy: for scans that are known to be of a foil, whatever their shape.
 * @returns null where the scan does not cover that energy, or mu rises about it by less than a tenth of what it
 *   varies by in the whole scan: its edge lies elsewhere
 */
export function firstInflectionOffset(
  energyEv: Float64Array,
  mu: Float64Array,
  foilE0Ev: number,
): number | null {
  const from = lowerBound(energyEv, foilE0Ev - SEARCH_EV);
  const to = lowerBound(energyEv, foilE0Ev + SEARCH_EV);
  if (to - from < MIN_SEARCH_POINTS) return null;
  const beforeTo = Math.max(from + 1, lowerBound(energyEv, foilE0Ev - SEARCH_EV / 2));
  const afterFrom = Math.min(to - 1, lowerBound(energyEv, foilE0Ev + SEARCH_EV / 2));
  const rise = meanBetween(mu, afterFrom, to) - meanBetween(mu, from, beforeTo);
  const lowest = -highest(
    mu.map((value) => -value),
    0,
    mu.length,
  );
  if (!(rise > MIN_SHARE_OF_RANGE * (highest(mu, 0, mu.length) - lowest))) return null;
  return foilE0Ev - firstInflection(energyEv, mu, foilE0Ev).inflectionEv;
}

const unusable = (why: string): FoilReading => ({ kind: 'unusable', why });

/** The next element's edge lies hundreds of eV away. */
const SEARCH_EV = 20;
const MIN_SEARCH_POINTS = 20;
/** Foils are made about 1 thick; light that leaks around shows as steps of some thousandths. */
const MIN_STEP = 0.05;
const MIN_STEP_IN_NOISE = 30;
/** Wiggles far above an edge are some hundredths of its step. */
const MIN_SHARE_OF_RANGE = 0.1;
/** Files that people publish are off by up to so much. */
const MAX_OFFSET_EV = 6;
/** The foils of V to Cu have 1.02 to 1.09. */
const MAX_WHITE_LINE = 1.2;
/** The foils of V to Ni have 7 to 9 eV, copper's 5.5. */
const MIN_SHOULDER_EV = 4;
/** A rise counts as an inflection from this share of the steepest on. */
const FIRST_SHARE = 0.4;
const STEP_EV = 0.25;
/** The derivative is smoothed over it: the resolution of a monochromator. */
const SMOOTH_EV = 0.6;
/** x exp(-x^2 / 2 SMOOTH_EV^2) at 1, 2 and more steps, to three sigma. */
const GAUSSIAN_SLOPE = Float64Array.from({ length: Math.ceil((3 * SMOOTH_EV) / STEP_EV) }, (_, i) => {
  const distanceEv = (i + 1) * STEP_EV;
  return distanceEv * Math.exp(-0.5 * (distanceEv / SMOOTH_EV) ** 2);
});

function firstInflection(energyEv: Float64Array, mu: Float64Array, aboutEv: number) {
  const points = Math.round((2 * SEARCH_EV) / STEP_EV) + 1;
  const at = (i: number): number => aboutEv - SEARCH_EV + STEP_EV * i;
  const reach = GAUSSIAN_SLOPE.length;
  // All that is asked for lies on steps of STEP_EV: each is read once.
  const read = new Float64Array(points + 2 * reach);
  for (let i = 0; i < read.length; i += 1) read[i] = interpolated(energyEv, mu, at(i - reach));
  const slope = new Float64Array(points);
  for (let i = 0; i < points; i += 1) {
    // The derivative of mu under a Gaussian: mu's differences weighted by the Gaussian's slope.
    let sum = 0;
    for (let k = 1; k <= reach; k += 1)
      sum += GAUSSIAN_SLOPE[k - 1]! * (read[i + reach + k]! - read[i + reach - k]!);
    slope[i] = sum;
  }
  const steepest = slope.reduce((most, value) => Math.max(most, value), 0);
  let first = slope.indexOf(steepest);
  for (let i = 1; i < points - 1; i += 1) {
    if (slope[i]! < FIRST_SHARE * steepest || slope[i]! < slope[i - 1]! || slope[i]! < slope[i + 1]!)
      continue;
    first = i;
    break;
  }
  const [left, middle, right] = [slope[first - 1] ?? 0, slope[first]!, slope[first + 1] ?? 0];
  const bend = left - 2 * middle + right;
  const vertex = bend < 0 ? Math.max(-1, Math.min(1, (0.5 * (left - right)) / bend)) : 0; // of the parabola
  return {
    inflectionEv: at(first) + STEP_EV * vertex,
    /** eV at which mu passes a level, from below the inflection on. */
    half(level: number): number {
      for (let i = Math.max(0, first - 24); i < points + 80; i += 1)
        if (interpolated(energyEv, mu, at(i)) >= level) return at(i);
      return Number.POSITIVE_INFINITY;
    },
  };
}

function interpolated(energyEv: Float64Array, mu: Float64Array, ev: number): number {
  const i = lowerBound(energyEv, ev);
  if (i <= 0) return mu[0]!;
  if (i >= energyEv.length) return mu[energyEv.length - 1]!;
  const t = (ev - energyEv[i - 1]!) / (energyEv[i]! - energyEv[i - 1]!);
  return mu[i - 1]! + t * (mu[i]! - mu[i - 1]!);
}

/** Largest mean of three neighbours among points [from, to): a single point may be a glitch. */
function highest(mu: Float64Array, from: number, to: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = from + 1; i < to - 1; i += 1) most = Math.max(most, (mu[i - 1]! + mu[i]! + mu[i + 1]!) / 3);
  return most;
}

/** Absorption of a scan's foil, [points]; null where it has none, or not at every point. */
export function referenceAbsorption(scan: Scan): Float64Array | null {
  const points = scan.energyEv.length;
  const { muReference, iReference, it } = scan;
  if (muReference !== null)
    return muReference.length === points && allFinite(muReference) ? muReference : null;
  if (iReference === null || it === null || iReference.length !== points || it.length !== points) return null;
  const reference = new Float64Array(points);
  for (let i = 0; i < points; i += 1) reference[i] = Math.log(it[i]! / iReference[i]!);
  return allFinite(reference) ? reference : null;
}

function allFinite(values: Float64Array): boolean {
  return values.every((value) => Math.abs(value) <= SCAN_BOUNDS.largestSignal); // NaN is not
}
