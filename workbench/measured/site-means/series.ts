import { conformalQuantile } from '../../calibration/conformal-quantile.ts';
import type { Reading } from './read-at-shifts.ts';

/** Of the intervals that are fitted. */
const LEVEL = 0.9;
/** A series whose states lie closer says nothing of a slope. */
export const LEAST_SPAN = 0.15;

/** Measured scans of one series whose states are known. */
export type Series = { readonly name: string; readonly readings: readonly Reading[] };

/** The series of readings that are long and wide enough to say something. */
export function seriesIn(readings: readonly Reading[]): Series[] {
  const names = [...new Set(readings.filter(({ known }) => known.isSeries).map(({ known }) => known.group))];
  return names
    .map((name) => ({ name, readings: readings.filter(({ known }) => known.group === name) }))
    .filter(({ readings: own }) => {
      const states = own.map(({ known }) => known.meanOxidationState);
      return own.length >= 3 && Math.max(...states) - Math.min(...states) >= LEAST_SPAN;
    });
}

/** The mean oxidation state that the network reads. */
export const meanOf = ({ prediction }: Reading): number => prediction.siteMeans!.OS.mean;

/** The quantile at LEVEL in which every series has the same say, however many scans it has. */
export function balancedQuantile(scores: readonly (readonly number[])[]): number {
  const size = 60;
  return conformalQuantile(
    scores.flatMap((own) => {
      const sorted = [...own].sort((a, b) => a - b);
      return sorted.length === 0
        ? []
        : Array.from({ length: size }, (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / size)]!);
    }),
    LEVEL,
  );
}

/** To three figures. */
export const rounded = (value: number): number => Number(value.toPrecision(3));
