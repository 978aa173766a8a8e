import type { Observation } from '../messages/change-point.ts';
import type { Course, WeightedSums } from '../messages/sample-watch.ts';

/** How the values go on after a change: all by the same, or by more from scan to scan. */
export type Shape = 'step' | 'ramp';

/** A departure that begins behind some observation, fitted by least squares. */
export type Departure = {
  /** By how much the values depart, up to the newest observation, [1] or [bins]. */
  readonly amplitude: Float64Array;
  /** Standard deviation of each number of it. */
  readonly sigma: number;
  /** Natural logarithm of how much likelier the values are with the departure than without. */
  readonly logOdds: number;
};

/**
 * Sizes that a departure may have, in the units of the values: each is as likely as the others beforehand, with a
 * normal distribution of that width for every number.
 */
const SIZES = [0.003, 0.01, 0.03, 0.1, 0.3, 1];

/**
 * The evidence for a departure from `course` in the observations `after`, given the sums over all (those among them).
 * The values are a level or a line, and from there on `amplitude` times a step or a ramp that ends at 1. Bayes factor
 * of a linear model with known variance and a normal prior on the amplitude (O'Hagan and Forster, Bayesian Inference,
 * 2004, 11.3).
 * @param all sums over all observations of the segment, without the `scale`
 * @param scale factor on every sigma
 * @returns null where the departure cannot be told from the course, as on a line a ramp of all its observations
 */
export function departure(
  all: WeightedSums,
  before: Observation,
  after: readonly Observation[],
  shape: Shape,
  course: Course,
  scale: number,
): Departure | null {
  const span = after.at(-1)!.hours - before.hours;
  if (shape === 'ramp' && !(span > 0)) return null;
  const size = all.values.length;
  let [squares, once, timed] = [0, 0, 0];
  const sums = new Float64Array(size);
  for (const { hours, sigma, values } of after) {
    const u = shape === 'step' ? 1 : (hours - before.hours) / span;
    const wu = u / sigma ** 2;
    squares += wu * u;
    once += wu;
    timed += wu * hours;
    for (let j = 0; j < size; j += 1) sums[j]! += wu * values[j]!;
  }
  // What of the shape the course cannot take up.
  const [a, b] = onCourse(all, once, timed, course);
  const left = squares - a * once - b * timed;
  if (!(left > 1e-9 * squares)) return null;
  const amplitude = sums.map((sum, j) => (sum - a * all.values[j]! - b * all.products[j]!) / left);
  const information = left / scale ** 2;
  const explained = information * amplitude.reduce((sum, each) => sum + each * each, 0);
  return { amplitude, sigma: 1 / Math.sqrt(information), logOdds: logOddsOf(explained, information, size) };
}

/** Coefficients of the level and of the hours in the fit of the course to a shape. */
function onCourse(all: WeightedSums, once: number, timed: number, course: Course): readonly [number, number] {
  if (course === 'level') return [once / all.weight, 0];
  const determinant = all.weight * all.squares - all.hours ** 2;
  if (!(determinant > 1e-12 * all.weight * all.squares)) return [once / all.weight, 0];
  return [
    (all.squares * once - all.hours * timed) / determinant,
    (all.weight * timed - all.hours * once) / determinant,
  ];
}

/** log of the mean over `SIZES` of exp(explained r / 2) (1 - r)^(size / 2), with r = information s^2 / (1 + that). */
function logOddsOf(explained: number, information: number, size: number): number {
  const logs = SIZES.map((width) => {
    const ratio = information * width ** 2;
    return 0.5 * ((explained * ratio) / (1 + ratio) - size * Math.log1p(ratio));
  });
  return logSum(logs) - Math.log(SIZES.length);
}

/** log of the sum of the exponentials; of none, minus infinity. */
export function logSum(logs: readonly number[]): number {
  const most = Math.max(...logs);
  if (!Number.isFinite(most)) return most;
  return most + Math.log(logs.reduce((sum, each) => sum + Math.exp(each - most), 0));
}
