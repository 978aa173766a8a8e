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

/**
 * How the axis that all timelines share is labelled: by the time of day here, or by numbers of scans. `size`: of its
 * type in px.
 */
export const sharedAxisLabels = (
  axis: AxisKind,
  size: number,
): Pick<uPlot.Axis, 'values'> & Partial<uPlot.Axis> =>
  axis === 'time'
    ? {
        incrs: TIME_STEPS,
        values: (u, splits, _axis, _space, step) => uncut(u, splits, timeLabels(splits, step), size),
      }
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

const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];
/** The library's own have nothing between 1 and 5 minutes, which leaves a narrow plot with one label. */
const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 20, 30],
  ...[1, 2, 5, 10, 15, 20, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 4, 6, 8, 12].map((hours) => hours * HOUR),
  ...[1, 2, 3, 5, 10, 15, 30, 60, 90, 180, 365].map((days) => days * DAY),
];

function timeLabels(splits: readonly number[], step: number): string[] {
  const format = step < MINUTE ? WITH_SECONDS : step < DAY / 2 ? WITHOUT_SECONDS : WITH_DAY;
  return splits.map((s) => format.format(s * 1000));
}

/** Room that is left there, px. */
export const RIGHT_OF_PLOT = 8;
/** Of a character, in sizes of type. */
const CHARACTER = 0.6;

/** Labels that would be cut at the right edge are empty; their ticks and lines stay. */
function uncut(u: uPlot, splits: readonly number[], labels: readonly string[], size: number): string[] {
  const room = u.valToPos(u.scales.x?.max ?? 0, 'x') + RIGHT_OF_PLOT;
  return labels.map((label, i) => {
    const end = u.valToPos(splits[i]!, 'x') + (label.length * CHARACTER * size) / 2;
    return end > room ? '' : label;
  });
}
