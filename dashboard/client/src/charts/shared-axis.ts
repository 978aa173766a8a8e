import type uPlot from 'uplot';
import type { AxisKind } from '../state/choice.ts';

/** Index of the first of increasing numbers that is not below `at`. */
export function firstAtOrAfter(xs: readonly number[], at: number): number {
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the number that is nearest to `at`; null where there are none. */
export function nearestTo(xs: readonly number[], at: number): number | null {
  if (xs.length === 0) return null;
  const after = firstAtOrAfter(xs, at);
  if (after === xs.length) return xs.length - 1;
  return after > 0 && at - xs[after - 1]! < xs[after]! - at ? after - 1 : after;
}

/** How the axis that all timelines share is labelled: by the time of day here, or by numbers of scans. */
export const sharedAxisLabels = (axis: AxisKind): Pick<uPlot.Axis, 'values'> & Partial<uPlot.Axis> =>
  axis === 'time'
    ? { values: (_, splits) => splits.map((s) => timeLabel(s, splits)) }
    : {
        values: plainLabels,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 1e5, 1e6],
      };

/** Numbers as they are: 7720, not 7,720. */
export const plainLabels = (_: uPlot, splits: readonly number[]): string[] =>
  splits.map((value) => String(Number(value.toFixed(6))));

const clock = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', options);
const WITH_SECONDS = clock({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
const WITHOUT_SECONDS = clock({ hour: '2-digit', minute: '2-digit' });
const WITH_DAY = clock({ day: 'numeric', month: 'short' });

function timeLabel(s: number, splits: readonly number[]): string {
  const step = (splits[1] ?? s) - (splits[0] ?? s);
  const format = step < 60 ? WITH_SECONDS : step < 43_200 ? WITHOUT_SECONDS : WITH_DAY;
  return format.format(s * 1000);
}
