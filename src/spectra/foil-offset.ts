import { SCAN_BOUNDS, type Scan } from '../messages/scan.ts';
import { estimateNoise } from './estimate-noise.ts';
import { findE0 } from './find-e0.ts';
import { lowerBound } from './lower-bound.ts';
import { meanBetween } from './normalise.ts';

/**
 * Constant offset (eV, to be added to the scan's energies) that brings the edge of the reference foil measured beside
 * the sample to its tabulated energy; null where there is no reference channel or no edge of this foil in it, so that
 * a monitor without a foil, or another element's, does not move the scan.
 */
export function foilOffset(scan: Scan, foilE0Ev: number): number | null {
  const { energyEv } = scan;
  const reference = referenceAbsorption(scan);
  if (reference === null) return null;
  const from = lowerBound(energyEv, foilE0Ev - SEARCH_EV);
  const to = lowerBound(energyEv, foilE0Ev + SEARCH_EV);
  if (to - from < MIN_SEARCH_POINTS) return null;

  const e0 = findE0(energyEv, reference, from, to);
  const e0Ev = energyEv[e0]!;
  const beforeFrom = lowerBound(energyEv, e0Ev - 30);
  const beforeTo = lowerBound(energyEv, e0Ev - 5);
  const afterFrom = lowerBound(energyEv, e0Ev + 10);
  const afterTo = lowerBound(energyEv, e0Ev + 40);
  if (beforeTo - beforeFrom < 3 || afterTo - afterFrom < 3) return null;
  const step = meanBetween(reference, afterFrom, afterTo) - meanBetween(reference, beforeFrom, beforeTo);
  const noise = estimateNoise(energyEv, reference, afterFrom, afterTo);
  if (!(step > MIN_STEP && step > MIN_STEP_IN_NOISE * noise)) return null;
  return foilE0Ev - e0Ev;
}

/** Monochromators are off by less; the next element's edge lies hundreds of eV away. */
const SEARCH_EV = 20;
const MIN_SEARCH_POINTS = 20;
/** Foils are made about 1 thick; light that leaks around shows as steps of some thousandths. */
const MIN_STEP = 0.05;
const MIN_STEP_IN_NOISE = 30;

function referenceAbsorption(scan: Scan): Float64Array | null {
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
