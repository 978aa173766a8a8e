import type { Observation } from '../messages/change-point.ts';
import { departure } from './evidence.ts';
import { addTo, emptySums } from './weighted-sums.ts';

/** One in a thousand scans may differ from those before it; a difference is believed where it is a thousand times. */
const LEAST_LOG_ODDS = 2 * Math.log(1000);
/** A drift is no outlier of the newest scan, and is looked for from so many on. */
const LEAST_OF_DRIFT = 4;

/**
 * How repeats differ by more than their sigmas: the newest from all before it, or those from some scan on from those
 * before, at once or by more from scan to scan; null where they do not.
 */
export function compareRepeats(repeats: readonly Observation[]): 'outlier' | 'drift' | null {
  if (repeats.length < 2) return null;
  const all = addTo(emptySums(repeats[0]!.values.length), repeats);
  const logOdds = (shape: 'step' | 'ramp', at: number): number =>
    departure(all, repeats[at]!, repeats.slice(at + 1), shape, 'level', 1)?.logOdds ??
    Number.NEGATIVE_INFINITY;
  const outlier = logOdds('step', repeats.length - 2);
  const steps = repeats.slice(0, -2).map((_, at) => logOdds('step', at));
  const drift = repeats.length < LEAST_OF_DRIFT ? outlier : Math.max(...steps, logOdds('ramp', 0));
  if (Math.max(outlier, drift) < LEAST_LOG_ODDS) return null;
  return drift > outlier ? 'drift' : 'outlier';
}
