import type { Calibration } from './gate-table.ts';
import { rangeOf } from './range-of.ts';

/** What intervals are drawn by: of classes the floors of sets, of reals multiples of sigma. */
export type Widths = {
  readonly width: readonly number[]; // [ranges of trust], or [noise bins]
  /** The same for other levels, by level. */
  readonly widthAt: Readonly<Record<string, readonly number[]>>;
};

export function widthsOf(calibration: Calibration): Widths {
  if (calibration.byTrust !== undefined) return calibration.byTrust;
  return calibration.kind === 'class'
    ? { width: calibration.setFloor, widthAt: calibration.setFloorAt ?? {} }
    : { width: calibration.spread, widthAt: calibration.spreadAt ?? {} };
}

/**
 * Which of the widths holds for a value.
 * @param bin of the scan's noise
 * @param trust in the value
 */
export function widthIndex({ byTrust }: Calibration, bin: number, trust: number): number {
  return byTrust === undefined ? bin : rangeOf(byTrust.edges, trust);
}
