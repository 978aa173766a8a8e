import type { Observation } from '../messages/change-point.ts';
import type { NoiseScale } from '../messages/sample-watch.ts';

/** As if so many scans had been as noisy as their sigma says. */
export const startingScale = (): NoiseScale => ({ count: PRIOR, squares: PRIOR });

const PRIOR = 2;
/** Before so many scans nothing is known of their noise. */
const LEAST = PRIOR + 6;
/** Scans that are remembered: noise may become another in the course of a run. */
const MOST = 60;
/** One scan that is off by more, in squares of what is usual, is a step or an outlier, and counts as this. */
const LARGEST = 6;
/** What is added for what is not known of the scale yet, in squares over the scans it was learned from. */
const UNKNOWN = 8;

/**
 * The factor on every sigma, larger while it was learned from few scans; null: from too few.
 * @param size of what each scan tells, numbers
 */
export const scaleOf = ({ count, squares }: NoiseScale, size: number): number | null =>
  count < LEAST ? null : Math.sqrt((squares / count) * (1 + UNKNOWN / (count * Math.sqrt(size))));

/**
 * Learns from what an observation is off by from the line through its two neighbours, so that a drift is not taken for
 * noise. `three`: observations that follow one another.
 */
export function learnScale(scale: NoiseScale, three: readonly Observation[]): NoiseScale {
  const off = offLine(three);
  if (off === null) return scale;
  const isKnown = scale.count >= LEAST;
  const most = isKnown ? (LARGEST * scale.squares) / scale.count : Number.POSITIVE_INFINITY;
  const kept = Math.min(1, (MOST - 1) / scale.count);
  return { count: kept * scale.count + 1, squares: kept * scale.squares + Math.min(off.middle, most) };
}

/** Squares of what is usual, by which the middle one of three is off where it is an outlier, */
const OUTLIER = 24;
/** and its neighbours from each other. */
const ALIKE = 8;

/** Whether the middle one of `three` is far from both its neighbours, and these are alike: it says nothing. */
export function isOutlier(scale: NoiseScale, three: readonly Observation[]): boolean {
  const off = offLine(three);
  if (off === null || scale.count < LEAST) return false;
  const root = Math.sqrt(three[0]!.values.length); // a mean over many numbers scatters less
  const usual = scale.squares / scale.count;
  return off.middle > usual * (1 + OUTLIER / root) && off.ends < usual * (1 + ALIKE / root);
}

/** Mean squares, over their variance, of the middle one's distance from the line, and of the ends' from each other. */
function offLine(three: readonly Observation[]): { readonly middle: number; readonly ends: number } | null {
  const [first, middle, last] = three;
  if (first === undefined || middle === undefined || last === undefined) return null;
  const span = last.hours - first.hours;
  const share = span > 0 ? (middle.hours - first.hours) / span : 0.5;
  const variance = middle.sigma ** 2 + ((1 - share) * first.sigma) ** 2 + (share * last.sigma) ** 2;
  const size = middle.values.length;
  let [squares, ends] = [0, 0];
  for (let j = 0; j < size; j += 1) {
    const line = (1 - share) * first.values[j]! + share * last.values[j]!;
    squares += (middle.values[j]! - line) ** 2;
    ends += (last.values[j]! - first.values[j]!) ** 2;
  }
  const between = first.sigma ** 2 + last.sigma ** 2;
  return { middle: squares / (size * variance), ends: ends / (size * between) };
}
