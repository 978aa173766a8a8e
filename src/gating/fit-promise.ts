import { chooseThreshold, type Trial } from './choose-threshold.ts';
import type { GateTable } from './gate-table.ts';
import { failureTail } from './success-bound.ts';

export type ElementPromise = NonNullable<GateTable['elements'][string]['descriptors']['OS']>;

/**
 * Thresholds of one descriptor for one element, from the least noise to the most, and whether they may be used.
 *
 * An element with enough held-out sites of its own is calibrated on them (`pool` is then `own`). Any other takes
 * thresholds at which the whole pool keeps a stricter promise, `carriedAccuracy`, since an element that is less well known
 * errs more often at the same confidence; and only if its own held-out sites do not refute the promise itself: at least
 * `minEvidence` of the noise-free ones pass, and as many errors among them must not be less likely than `refutedBelow` if
 * it held. That is no proof of the promise, which so few sites cannot give, but the reason to believe that it carries
 * over. Where the pool keeps no promise at any confidence, there is none to take.
 * @param pool trials by noise bin
 * @param own trials of the element, by noise bin; the first bin holds the noise-free ones
 */
export function fitPromise(
  pool: readonly (readonly Trial[])[],
  own: readonly (readonly Trial[])[],
  rules: {
    readonly accuracy: number;
    readonly carriedAccuracy: number;
    readonly confidence: number;
    readonly minEvidence: number;
    readonly refutedBelow: number;
  },
): ElementPromise {
  const thresholds: (number | null)[] = [];
  const asked = pool === own ? rules.accuracy : rules.carriedAccuracy;
  const records = pool.map((trials, bin) => {
    // Where a promise ends it ends for all noisier scans: a threshold of noise above it would be luck.
    const ended = bin > 0 && thresholds[bin - 1] === null;
    const threshold = ended ? null : chooseThreshold(trials, asked, rules.confidence);
    const record = votes(own[bin]!, threshold);
    const failures = record.accepted - record.right;
    const refuted = failureTail(failures, record.accepted, 1 - rules.accuracy) < rules.refutedBelow;
    thresholds.push(refuted ? null : threshold);
    return { ...record, refuted };
  });
  const { accepted, right, refuted } = records[0]!;
  const sites = new Set(own.flatMap((trials) => trials.map(({ site }) => site))).size;
  return {
    thresholds,
    evidence: { sites, accepted: Math.round(accepted), right: Math.round(right) },
    promised:
      accepted >= (pool === own ? 0 : rules.minEvidence) &&
      !refuted &&
      (pool === own || thresholds[0] !== null),
  };
}

/** Accepted and right, a site having one vote over all its draws in the bin. */
function votes(trials: readonly Trial[], threshold: number | null): { accepted: number; right: number } {
  const draws = new Map<string, number>();
  for (const { site } of trials) draws.set(site, (draws.get(site) ?? 0) + 1);
  let accepted = 0;
  let right = 0;
  for (const trial of trials) {
    if (threshold === null || trial.confidence < threshold) continue;
    accepted += 1 / draws.get(trial.site)!;
    if (trial.right) right += 1 / draws.get(trial.site)!;
  }
  return { accepted, right };
}
