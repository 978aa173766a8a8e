import type { Finding, Observation, WatchedScan } from '../messages/change-point.ts';
import type { Level, Watch } from '../messages/sample-watch.ts';
import { type Departure, departure, logSum, type Shape } from './evidence.ts';
import { isOutlier, learnScale, scaleOf, startingScale } from './noise-scale.ts';
import { addTo, emptySums, levelOf } from './weighted-sums.ts';

export const startWatch = (size: number): Watch => ({
  ...{ course: 'level', older: emptySums(size), newest: [], levels: [], perHour: null },
  scale: startingScale(),
});

/** Observations that are held one by one: a change is looked for among them. */
const WINDOW = 24;
/** Scans that lie after a change when it is told, at the least: the first of a ramp hardly differs. */
const LEAST_AFTER: Readonly<Record<Shape, number>> = { step: 3, ramp: 4 };
/** How likely it is beforehand that a change begins at a scan. */
const PRIOR_LOG_ODDS = Math.log(1 / 1000);
const LEAST_CONFIDENCE = 0.999;
const MOST_LEVELS = 8;

type Candidate = { readonly at: number; readonly shape: Shape; readonly departure: Departure };

/**
 * Takes in the next observation. On-line change points: the probability that the values depart from their course,
 * as a step or as a ramp, behind one of the newest observations, summed over all of these; after Adams and MacKay,
 * Bayesian Online Changepoint Detection (arXiv 0710.3742), with the course since the last change that was told in place
 * of a distribution over run lengths.
 * @param least a departure by less is no change, in the units of the values
 * @returns what is known now, and the change that was found
 */
export function observe(
  watch: Watch,
  observation: Observation,
  least: number,
): { readonly watch: Watch; readonly found: Finding | null } {
  const seen = push(watch, observation);
  const best = bestCandidate(seen, least);
  if (best === null) return { watch: seen, found: null };
  const next = {
    ...seen,
    newest: seen.newest.slice(best.at + 1),
    older: emptySums(observation.values.length),
  };
  const left = seen.course === 'level' ? leaveLevel(seen, next, best) : leaveLine(seen, next, best);
  return left ?? { watch: seen, found: null };
}

function push(watch: Watch, observation: Observation): Watch {
  const three = [...watch.newest.slice(-2), observation];
  const scale = learnScale(watch.scale, three);
  const former = isOutlier(watch.scale, three) ? watch.newest.slice(0, -1) : watch.newest;
  const newest = [...former, observation];
  if (newest.length <= WINDOW) return { ...watch, newest, scale };
  return { ...watch, scale, newest: newest.slice(1), older: addTo(watch.older, newest.slice(0, 1)) };
}

type Judged = Candidate & { readonly confidence: number };

/** The likeliest change, where it is sure and large enough, and lies far enough back. */
function bestCandidate(watch: Watch, least: number): Judged | null {
  const { newest, older, course } = watch;
  const scale = scaleIn(watch);
  if (scale === null) return null;
  const all = addTo(older, newest);
  const leastBefore = course === 'level' ? 1 : 3;
  const candidates: Candidate[] = [];
  for (let at = Math.max(0, leastBefore - older.count - 1); at < newest.length - 1; at += 1) {
    for (const shape of ['step', 'ramp'] as const) {
      const found = departure(all, newest[at]!, newest.slice(at + 1), shape, course, scale);
      if (found !== null) candidates.push({ at, shape, departure: found });
    }
  }
  if (candidates.length === 0) return null;
  // Half of the changes are steps, half are ramps.
  const logOdds = logSum(candidates.map((each) => each.departure.logOdds)) + PRIOR_LOG_ODDS - Math.log(2);
  const confidence = 1 / (1 + Math.exp(-logOdds));
  const best = candidates.reduce((a, b) => (b.departure.logOdds > a.departure.logOdds ? b : a));
  const isTold =
    confidence >= LEAST_CONFIDENCE &&
    newest.length - 1 - best.at >= LEAST_AFTER[best.shape] &&
    sizeOf(best.departure.amplitude) >= least &&
    standsWithoutAny(watch, best, scale);
  return isTold ? { ...best, confidence } : null;
}

/** What one scan alone brings about is no change. */
function standsWithoutAny(
  { newest, older, course }: Watch,
  { at, shape }: Candidate,
  scale: number,
): boolean {
  const after = newest.slice(at + 1);
  return after.every((_, left) => {
    const others = after.filter((_, i) => i !== left);
    const all = addTo(older, [...newest.slice(0, at + 1), ...others]);
    const without = departure(all, newest[at]!, others, shape, course, scale);
    return without !== null && without.logOdds > -PRIOR_LOG_ODDS;
  });
}

function leaveLevel(
  seen: Watch,
  next: Watch,
  best: Judged,
): { readonly watch: Watch; readonly found: Finding } {
  const former = addTo(seen.older, seen.newest.slice(0, best.at + 1));
  const level: Level = {
    last: named(seen.newest[best.at]!),
    weight: former.weight / scaleIn(seen)! ** 2,
    values: levelOf(former),
  };
  const levels = [...seen.levels, level].slice(-MOST_LEVELS);
  if (best.shape === 'step') {
    const watch: Watch = { ...next, course: 'level', levels, perHour: null };
    return { watch, found: settled('STEP', watch, seen, best) };
  }
  return drifting({ ...next, course: 'line', levels }, seen, best);
}

/** Null: what has come since does not tell yet how it goes on. */
function leaveLine(
  seen: Watch,
  next: Watch,
  best: Judged,
): { readonly watch: Watch; readonly found: Finding | null } | null {
  const slope = slopeOf(next);
  if (slope === null || seen.perHour === null) return null;
  const former = sizeOf(seen.perHour);
  const hours = next.newest.at(-1)!.hours - next.newest[0]!.hours;
  const along = slope.amplitude.reduce((sum, each, j) => sum + each * seen.perHour![j]!, 0) / former / hours;
  const uncertain = (2 * slope.sigma) / hours;
  if (slope.logOdds > -PRIOR_LOG_ODDS && sizeOf(slope.amplitude) / hours > STEADY_BELOW * former) {
    const goesOn = drifting(next, seen, { ...best, departure: slope });
    // A drift was told when it began; that it turns back is told, that it goes on by another rate is not.
    return along < -STEADY_BELOW * former ? goesOn : { ...goesOn, found: null };
  }
  if (Math.abs(along) + uncertain > SLOWER_BELOW * former) return null;
  const watch: Watch = { ...next, course: 'level', perHour: null };
  return { watch, found: settled('STEADY', watch, seen, best) };
}

/** Of the rate of a drift: what goes on more slowly than the first stands still, */
const STEADY_BELOW = 0.3;
/** and what is surely slower than the second, and may stand still, is taken to. */
const SLOWER_BELOW = 0.6;

/** The slope of a segment by itself, as a ramp from its first observation to its newest; null: it has none. */
function slopeOf(watch: Watch): Departure | null {
  const { newest, older } = watch;
  return departure(addTo(older, newest), newest[0]!, newest.slice(1), 'ramp', 'level', scaleIn(watch)!);
}

function drifting(
  next: Watch,
  seen: Watch,
  best: Judged,
): { readonly watch: Watch; readonly found: Finding } {
  const before = seen.newest[best.at]!;
  const { amplitude, sigma } = best.departure;
  const hours = next.newest.at(-1)!.hours - before.hours;
  const perHour = amplitude.map((each) => each / hours);
  const found: Finding = {
    ...{ kind: 'DRIFT', confidence: best.confidence, returnedTo: null },
    ...{ before: named(before), after: next.newest.map(named), difference: amplitude, sigma, perHour },
  };
  return { watch: { ...next, perHour }, found };
}

/** A new level: what it differs by from the last one, and whether it is one that was there before. */
function settled(kind: 'STEP' | 'STEADY', next: Watch, seen: Watch, best: Judged): Finding {
  const sums = addTo(next.older, next.newest);
  const now = { values: levelOf(sums), weight: sums.weight / scaleIn(next)! ** 2 };
  const left = next.levels.at(-1)!;
  const difference = now.values.map((value, j) => value - left.values[j]!);
  const former = next.levels.slice(0, -1).filter((level) => isSame(level, now, sizeOf(difference)));
  const returnedTo = former.at(-1)?.last ?? null;
  return {
    kind: returnedTo === null ? kind : 'RETURN',
    confidence: best.confidence,
    before: named(seen.newest[best.at]!),
    after: next.newest.map(named),
    ...{ difference, perHour: null, returnedTo },
    sigma: Math.sqrt(1 / now.weight + 1 / left.weight),
  };
}

/** A level is come back to where so much of what it was left by is missing, at the most. */
const RETURN_WITHIN = 0.25;

const isSame = (level: Level, now: Pick<Level, 'values'>, left: number): boolean =>
  sizeOf(now.values.map((value, j) => value - level.values[j]!)) < RETURN_WITHIN * left;

const scaleIn = ({ scale, older }: Watch): number | null => scaleOf(scale, older.values.length);
const sizeOf = (values: Float64Array): number => Math.hypot(...values);
const named = ({ scanId, endedAtMs }: Observation): WatchedScan => ({ scanId, endedAtMs });
