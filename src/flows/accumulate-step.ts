import { type Joining, joinAccumulation, startAccumulation } from '../accumulation/accumulate-scan.ts';
import { compareRepeats } from '../change-points/compare-repeats.ts';
import { pointsPerBin, spectrumAxis, watchedSpectrum } from '../change-points/spectrum-bins.ts';
import { allFinite } from '../common/all-finite.ts';
import type { AccumulationReason, AccumulationState, AccumulationStatus } from '../messages/accumulation.ts';
import type { Scan } from '../messages/scan.ts';
import type { TopicRecord } from '../producers/requests-of.ts';
import { plainAbsorption } from '../spectra/absorption.ts';
import { referenceAbsorption } from '../spectra/foil-offset.ts';
import { encodeAccumulation } from '../wire/accumulation-codec.ts';
import { decodeDescriptors } from '../wire/descriptors-codec.ts';
import type { WireDescriptors } from '../wire/generated.ts';
import { runKeyOf } from '../wire/run-reference-codec.ts';
import { encodeScan } from '../wire/scan-codec.ts';
import type { JobStep, Stepped } from './job-flow.ts';

export type AccumulateParts = {
  readonly scansTopic: string;
  readonly accumulationsTopic: string;
  /** Repeats that are averaged at the most. */
  readonly most: number;
  /** What must be accepted for repeats to end: the classes, as advised, or the mean oxidation state. */
  readonly until: 'classes' | 'mean';
  /** Metadata key by which repeats are told apart; null: none. */
  readonly by: string | null;
  /** The scan that an event is of; null: it is gone. */
  readonly rawScan: (source: WireDescriptors['source'], scanId: string) => Promise<Scan | null>;
  readonly count: (what: AccumulationReason | 'not-found') => void;
};

type Told = {
  readonly state: AccumulationState | null;
  readonly publish: readonly TopicRecord[];
  readonly reasons: readonly AccumulationReason[];
};

const HOUR_MS = 3_600_000;

/**
 * A descriptor event moves the repeats of its sample on. The first scan that the gate advises to accumulate begins;
 * what the sample is measured by after it joins, and each time the mean of all is published as a scan, which the
 * processors judge like any other. That verdict comes back as an event with members: where it is to accept, or noise
 * is not what is in the way, the repeats end. So means are never averaged again.
 */
export function accumulateStep(parts: AccumulateParts): JobStep<AccumulationState> {
  const { most, until, by, count } = parts;

  const isAccepted = ({ advice, means }: WireDescriptors): boolean =>
    advice === 'ACCEPT' ||
    (until === 'mean' && means.some(({ name, verdict }) => name === 'OS' && verdict === 'ACCEPT'));
  const isToRepeat = (event: WireDescriptors): boolean => event.advice === 'ACCUMULATE' && !isAccepted(event);

  const told = (
    state: AccumulationState,
    status: AccumulationStatus,
    reason: AccumulationReason,
    { endedAt }: WireDescriptors,
    mean: Scan | null = null,
  ): Told => {
    const event = {
      topic: parts.accumulationsTopic,
      message: encodeAccumulation(state, status, reason, endedAt),
    };
    const scan = mean && { topic: parts.scansTopic, message: { key: mean.sampleId, ...encodeScan(mean) } };
    return {
      state: status === 'GROWING' ? state : null,
      publish: scan === null ? [event] : [scan, event],
      reasons: [reason],
    };
  };

  /** The processors' verdict on the newest mean; one on an earlier mean counts as well where it accepts. */
  function onMean(open: AccumulationState, event: WireDescriptors): Told | null {
    const { advice, members, scanId, repeatsNeeded } = event;
    if (members[0] !== open.members[0]!.scanId) return null; // of repeats that have ended
    const ofMean = { ...open, members: open.members.slice(0, members.length), mean: scanId };
    if (isAccepted(event)) return told(ofMean, 'ACCEPTED', 'accepted', event);
    if (members.length < open.members.length) return null; // a better one is on its way
    if (advice !== 'ACCUMULATE') return told(ofMean, 'STOPPED', 'not-noise', event);
    return members.length >= most
      ? told(ofMean, 'STOPPED', 'bound', event)
      : told({ ...open, repeatsNeeded }, 'GROWING', 'more-needed', event);
  }

  function begin(joining: Joining, event: WireDescriptors): Told | null {
    if (!isToRepeat(event)) return null;
    const axis = spectrumAxis(event.spectrum);
    const first = { ...joining, observation: observationOf(event, axis, event.endedAt) };
    return told(startAccumulation(first, axis), 'GROWING', 'joined', event);
  }

  /** Why the scan does not belong to the others; null: it does. */
  function apart(open: AccumulationState, { scan, observation }: Joining): AccumulationReason | null {
    if (by !== null && scan.metadata[by] !== open.metadata[by]) return 'settings';
    if (open.members.length >= most) return 'bound';
    return compareRepeats([...open.members, observation].filter(({ values }) => values.length > 0));
  }

  function join(open: AccumulationState, joining: Joining, event: WireDescriptors): Told {
    const because = apart(open, joining);
    const joined = because === null ? joinAccumulation(open, joining) : null;
    if (joined !== null) return told(joined.state, 'GROWING', 'joined', event, joined.mean);
    const ended = told(open, 'STOPPED', because ?? 'settings', event);
    const begun = begin(joining, event);
    return begun === null
      ? ended
      : {
          state: begun.state,
          publish: [...ended.publish, ...begun.publish],
          reasons: [...ended.reasons, ...begun.reasons],
        };
  }

  async function onScan(open: AccumulationState | null, event: WireDescriptors): Promise<Told | null> {
    if (open === null && !isToRepeat(event)) return null;
    if (open !== null && isAccepted(event))
      return told({ ...open, mean: event.scanId }, 'ACCEPTED', 'accepted-alone', event);
    const joining = await joiningOf(open, event);
    if (joining === null) {
      count('not-found');
      return null;
    }
    return open === null ? begin(joining, event) : join(open, joining, event);
  }

  async function joiningOf(open: AccumulationState | null, event: WireDescriptors): Promise<Joining | null> {
    const { preparation, repeatsNeeded, source } = event;
    if (source.topic !== parts.scansTopic) return null; // of a topic that may be there no more
    const sigma = preparation.noiseSigma * preparation.edgeStep;
    const scan = await parts.rawScan(source, event.scanId);
    if (scan === null || !(sigma > 0)) return null;
    const mu = plainAbsorption(scan);
    if (!allFinite(mu)) return null;
    const repeat = { energyEv: scan.energyEv, mu, muReference: referenceAbsorption(scan) };
    const sinceMs = open?.members[0]?.endedAtMs ?? event.endedAt;
    return {
      scan,
      repeat,
      sigma,
      repeatsNeeded,
      observation: observationOf(event, open?.axis ?? null, sinceMs),
    };
  }

  return async (record, stateOf): Promise<Stepped<AccumulationState> | null> => {
    // Whoever tests a topic may have put something else there.
    if (record.value === null || record.value.length === 0) return null;
    const event = decodeDescriptors(record.value, record.headers);
    if (event.partialOf !== null) return null; // the whole will join
    const key = runKeyOf(event);
    const open = stateOf(key);
    const isMean = event.members.length > 0;
    const result = isMean ? open && onMean(open, event) : await onScan(open, event);
    if (result === null) return null;
    const { state, publish, reasons } = result;
    return { key, state, publish, onCommitted: () => reasons.forEach(count) };
  };
}

function observationOf(
  event: WireDescriptors,
  axis: AccumulationState['axis'],
  sinceMs: number,
): Joining['observation'] {
  const { scanId, endedAt: endedAtMs, spectrum, preparation } = event;
  const values = axis && watchedSpectrum(spectrum, axis);
  const points = axis === null ? 1 : Math.max(1, pointsPerBin(spectrum, axis));
  return {
    ...{ scanId, endedAtMs, hours: Math.max(0, endedAtMs - sinceMs) / HOUR_MS },
    sigma: preparation.noiseSigma / Math.sqrt(points),
    values: values ?? new Float64Array(0),
  };
}
