import type { GateTable } from '../../src/gating/gate-table.ts';
import { chooseThreshold, type Trial } from './choose-threshold.ts';
import { failureTail, successBound } from './success-bound.ts';

export type ElementTarget = NonNullable<GateTable['elements'][string]['descriptors']['OS']>;

export type TargetRules = {
  /** Accepted values are right at least this often ... */
  readonly accuracy: number;
  /** ... as shown with this confidence. */
  readonly confidence: number;
  /** So many noise-free sites of an element must pass for it to have a say, and to meet the target. */
  readonly minEvidence: number;
  /**
   * No value is accepted that is itself less certain, however well the others do: what pulls them up may be other
   * spectra.
   */
  readonly leastConfidence: number;
  /** An element's sites refute the target where as many errors would be less likely than this if it were met. */
  readonly refutedBelow: number;
};

/**
 * Thresholds of one descriptor for a group of elements that are calibrated together, and which of them may use them.
 *
 * An element supports a threshold when at least `minEvidence` of its noise-free sites pass and these do not refute the
 * target. Of the thresholds at which the supporting elements together reach it by the Clopper-Pearson bound, the one is
 * taken at which most of their sites pass; those elements meet the target, the others do not, at any noise. That they
 * are chosen by the sites that they are counted by makes the bound somewhat too good for a group; for an element by
 * itself there is nothing to choose.
 * @param trials by element, then by noise bin from the least noise to the most; the first bin holds the noise-free ones
 */
export function fitAccuracyTargets(
  trials: ReadonlyMap<string, readonly (readonly Trial[])[]>,
  rules: TargetRules,
): Map<string, ElementTarget> {
  const clean = chooseSupporting(new Map([...trials].map(([element, bins]) => [element, bins[0]!])), rules);
  const alive = new Set(clean.supporting);
  const thresholds = new Map([...trials.keys()].map((element) => [element, [] as (number | null)[]]));
  const bins = [...trials.values()][0]?.length ?? 0;
  let common = clean.threshold;
  for (let bin = 0; bin < bins; bin++) {
    // Where a target is missed it is missed for all noisier scans: a threshold of noise above it would be luck.
    if (bin > 0 && common !== null) {
      const pool = [...alive].flatMap((element) => trials.get(element)![bin]!);
      common = chooseThreshold(pool, rules.accuracy, rules.confidence, rules.leastConfidence);
    }
    for (const [element, own] of trials) {
      if (refutes(votes(own[bin]!, common), rules)) alive.delete(element);
      thresholds.get(element)!.push(alive.has(element) ? common : null);
    }
  }
  return new Map(
    [...trials].map(([element, own]) => {
      const { accepted, right } = votes(own[0]!, clean.threshold);
      const sites = new Set(own.flat().map(({ site }) => site)).size;
      const evidence = { sites, accepted: Math.round(accepted), right: Math.round(right) };
      return [
        element,
        { thresholds: thresholds.get(element)!, evidence, meetsTarget: clean.supporting.includes(element) },
      ];
    }),
  );
}

type Tally = { accepted: number; right: number };

function chooseSupporting(
  trials: ReadonlyMap<string, readonly Trial[]>,
  rules: TargetRules,
): { readonly threshold: number | null; readonly supporting: readonly string[] } {
  const ordered = [...trials]
    .flatMap(([element, own]) => {
      const draws = drawsOf(own);
      return own.map((trial) => ({ ...trial, element, vote: 1 / draws.get(trial.site)! }));
    })
    .sort((a, b) => b.confidence - a.confidence);
  const tallies = new Map<string, Tally>(
    [...trials.keys()].map((element) => [element, { accepted: 0, right: 0 }]),
  );
  let chosen: { threshold: number | null; supporting: string[] } = { threshold: null, supporting: [] };
  let most = 0;
  for (const [i, trial] of ordered.entries()) {
    if (trial.confidence < rules.leastConfidence) break;
    const tally = tallies.get(trial.element)!;
    tally.accepted += trial.vote;
    if (trial.right) tally.right += trial.vote;
    if (ordered[i + 1]?.confidence === trial.confidence) continue;
    const bear = [...tallies].filter(([, own]) => own.accepted >= rules.minEvidence && !refutes(own, rules));
    const all = bear.reduce<Tally>(
      (sum, [, { accepted, right }]) => ({ accepted: sum.accepted + accepted, right: sum.right + right }),
      { accepted: 0, right: 0 },
    );
    if (all.accepted <= most || successBound(all.right, all.accepted, rules.confidence) < rules.accuracy)
      continue;
    most = all.accepted;
    chosen = { threshold: trial.confidence, supporting: bear.map(([element]) => element) };
  }
  return chosen;
}

const refutes = ({ accepted, right }: Tally, { accuracy, refutedBelow }: TargetRules): boolean =>
  failureTail(accepted - right, accepted, 1 - accuracy) < refutedBelow;

/** Accepted and right, a site having one vote over all its draws in the bin. */
function votes(trials: readonly Trial[], threshold: number | null): Tally {
  const draws = drawsOf(trials);
  const tally = { accepted: 0, right: 0 };
  for (const trial of trials) {
    if (threshold === null || trial.confidence < threshold) continue;
    tally.accepted += 1 / draws.get(trial.site)!;
    if (trial.right) tally.right += 1 / draws.get(trial.site)!;
  }
  return tally;
}

function drawsOf(trials: readonly Trial[]): Map<string, number> {
  const draws = new Map<string, number>();
  for (const { site } of trials) draws.set(site, (draws.get(site) ?? 0) + 1);
  return draws;
}
