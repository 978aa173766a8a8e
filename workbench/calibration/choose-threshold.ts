import { successBound } from './success-bound.ts';

export type Trial = {
  readonly confidence: number;
  readonly right: boolean;
  /** Draws of one site share one vote: more noise on the same spectrum is no more evidence. */
  readonly site: string;
};

/**
 * The least confidence at which accepted trials are right at least `accuracy` of the time by the Clopper-Pearson bound
 * that holds with probability `certainty`, but not less than `leastConfidence`; null where no threshold reaches that.
 * The bound is that of each threshold by itself: it is not widened for the choice of the best among them, which are
 * nested and err together. Spectra that took no part are what shows whether the accuracy target is met.
 */
export function chooseThreshold(
  trials: readonly Trial[],
  accuracy: number,
  certainty: number,
  leastConfidence = 0,
): number | null {
  const draws = new Map<string, number>();
  for (const { site } of trials) draws.set(site, (draws.get(site) ?? 0) + 1);
  const ordered = [...trials].sort((a, b) => b.confidence - a.confidence);
  let accepted = 0;
  let right = 0;
  let chosen: number | null = null;
  for (const [i, trial] of ordered.entries()) {
    if (trial.confidence < leastConfidence) break;
    const vote = 1 / draws.get(trial.site)!;
    accepted += vote;
    if (trial.right) right += vote;
    const tied = ordered[i + 1]?.confidence === trial.confidence;
    // The bound cannot hold where the share itself does not: most steps need no bound.
    if (tied || right < accuracy * accepted) continue;
    if (successBound(right, accepted, certainty) >= accuracy) chosen = trial.confidence;
  }
  return chosen;
}
