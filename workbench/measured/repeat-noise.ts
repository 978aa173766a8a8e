import { isReject } from '../../src/messages/reject.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { absorption } from '../../src/spectra/absorption.ts';
import { findE0 } from '../../src/spectra/find-e0.ts';
import { lowerBound } from '../../src/spectra/lower-bound.ts';
import { normaliseByPolynomials } from '../../src/spectra/normalise.ts';
import { mean, median } from '../report/statistics.ts';

/** Where noise is looked for past the edge, as in measureNoise. */
const FROM_EV = 20;
const TO_EV = 200;
/** Repeats whose energies differ by more than this are not compared point by point. */
const SAME_ENERGY_EV = 0.05;

export type RepeatNoise = {
  readonly points: number;
  /** Standard deviation of one scan's point about the mean of the repeats, post-edge, over the edge step. */
  readonly spread: number;
  /** The same of the change from point to point: what is left when drifts of offset and slope are taken out. */
  readonly pointToPoint: number;
};

/** The noise of one scan from its repeats; null where they do not lie on the same energies. */
export function repeatNoise(scans: readonly Scan[]): RepeatNoise | null {
  const first = scans[0];
  if (first === undefined || scans.length < 2) return null;
  const { energyEv } = first;
  const normalised: Float64Array[] = [];
  let e0Ev = 0;
  for (const scan of scans) {
    if (scan.energyEv.length !== energyEv.length) return null;
    if (scan.energyEv.some((energy, i) => Math.abs(energy - energyEv[i]!) > SAME_ENERGY_EV)) return null;
    const mu = absorption(scan);
    if (isReject(mu)) return null;
    const e0 = findE0(scan.energyEv, mu);
    e0Ev = scan.energyEv[e0]!;
    normalised.push(normaliseByPolynomials(scan.energyEv, mu, e0).mu);
  }
  const from = lowerBound(energyEv, e0Ev + FROM_EV);
  const to = lowerBound(energyEv, e0Ev + TO_EV);
  const deviations = normalised.map((mu) => {
    return Array.from({ length: to - from }, (_, k) => {
      const at = from + k;
      return mu[at]! - mean(normalised.map((each) => each[at]!));
    });
  });
  const correction = Math.sqrt(scans.length / (scans.length - 1));
  const changes = deviations.map((row) => row.slice(1).map((value, k) => (value - row[k]!) / Math.SQRT2));
  return {
    points: to - from,
    spread: correction * robustDeviation(deviations.flat()),
    pointToPoint: correction * robustDeviation(changes.flat()),
  };
}

/** Standard deviation about zero of normal numbers, by the median of their sizes. */
function robustDeviation(values: readonly number[]): number {
  return values.length === 0 ? 0 : 1.4826 * median(values.map(Math.abs));
}
