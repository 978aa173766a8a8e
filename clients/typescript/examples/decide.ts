// What the lab agent decides on an event; Kafka is left to lab-agent.ts. Put your own decisions in its place.

import { about, type Descriptors, type NewRequest } from '@xanes-stream/client';

export type Goals = {
  /** Mean oxidation state that ends the charging, */
  readonly stopAt: number;
  /** by the mean of so many accepted scans in a row, */
  readonly scans: number;
  /** none of whose intervals reaches further than this to either side. */
  readonly within: number;
  /** Scans to ask for at the most where noise is in the way. */
  readonly more: number;
  /**
   * Whether `npm run accumulate` averages the repeats: when the scans that were asked for are in their mean, that says
   * whether more are needed.
   */
  readonly accumulated: boolean;
  /** eV behind the edge where scans are to end, once one of a run was judged without noise in the way; null: as is. */
  readonly endAt: number | null;
};

type Reading = {
  readonly event: Descriptors;
  readonly value: number;
  readonly low: number;
  readonly high: number;
};

/** Scans that were asked for and are still to come, and the members of the mean that has them all. */
type Repeated = { readonly toCome: number; readonly members: number };

/** Room for the pre-edge line in front of the edge, eV. */
const PRE_EDGE_EV = 100;

/** Decides on the events of samples one after the other; acts on accepted values alone: others may be anything. */
export function decisions(goals: Goals): (event: Descriptors) => readonly NewRequest[] {
  const accepted = new Map<string, Reading[]>(); // run and sample -> its last accepted mean oxidation states
  const repeated = new Map<string, Repeated>(); // by sample, those of which more scans were asked for
  const shortened = new Set<string>(); // runs whose scans were asked to end earlier

  function stop(event: Descriptors, sample: string): NewRequest | null {
    // Of `means`, not `descriptors`: a battery in mid-charge is a mixture of Co3+ and Co4+: no class is right for it.
    const oxidation = event.means.find(({ name }) => name === 'OS');
    if (oxidation?.verdict !== 'ACCEPT' || oxidation.high - oxidation.low > 2 * goals.within) return null;
    const last = [...(accepted.get(sample) ?? []), { event, ...oxidation }].slice(-goals.scans);
    accepted.set(sample, last);
    const { value, low, high } = average(last);
    if (last.length < goals.scans || value < goals.stopAt) return null;
    const interval = `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
    const why = `Mean oxidation state ${interval}, by ${last.length} accepted scans; wanted ${goals.stopAt}`;
    return { kind: 'stop', why, ...about(last.map((each) => each.event)) };
  }

  function moreScans(event: Descriptors, sample: string): NewRequest | null {
    const before = repeated.get(sample) ?? { toCome: 0, members: 1 };
    const members = Math.max(1, event.members.length);
    const isScan = event.members.length === 0;
    if (isScan && before.toCome > 0) {
      repeated.set(sample, { ...before, toCome: before.toCome - 1 });
      return null; // its mean says more
    }
    if (event.advice !== 'ACCUMULATE' || (!isScan && members < before.members)) return null;
    const scans = Math.min(goals.more, event.repeatsNeeded ?? goals.more);
    if (goals.accumulated) repeated.set(sample, { toCome: before.toCome + scans, members: members + scans });
    return { kind: 'more-scans', scans, why: event.adviceReason, ...about([event]) };
  }

  function shorter({ endAt }: Goals, event: Descriptors): NewRequest | null {
    const { e0Ev, coveredToEv, energyShiftEv } = event.preparation;
    if (endAt === null || event.advice === 'ACCUMULATE' || shortened.has(event.runId)) return null;
    if (coveredToEv <= e0Ev + energyShiftEv + endAt) return null;
    shortened.add(event.runId);
    const range = { fromEv: e0Ev - PRE_EDGE_EV, toEv: e0Ev + endAt };
    const why = `Judged without what lies more than ${endAt} eV behind the edge`;
    return { kind: 'next-energy-range', ...range, why, ...about([event]) };
  }

  return (event) => {
    const sample = JSON.stringify([event.runId, event.sampleId]);
    const wanted = [stop(event, sample), moreScans(event, sample), shorter(goals, event)];
    return wanted.filter((request) => request !== null);
  };
}

/** Scans of one sample share most of their error, so that many of them have no narrower interval than one. */
function average(readings: readonly Reading[]): Omit<Reading, 'event'> {
  const mean = (pick: (each: Reading) => number) =>
    readings.reduce((sum, each) => sum + pick(each), 0) / readings.length;
  return { value: mean(({ value }) => value), low: mean(({ low }) => low), high: mean(({ high }) => high) };
}
