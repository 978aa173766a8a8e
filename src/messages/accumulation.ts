import type { Observation } from './change-point.ts';
import type { SpectrumAxis } from './sample-watch.ts';
import type { Scan } from './scan.ts';

/** What brings it about that an accumulation goes on or ends. */
export const ACCUMULATION_REASONS = {
  joined: 'a scan has joined',
  'more-needed': 'the mean is not accepted for its noise',
  accepted: 'the mean is accepted',
  'accepted-alone': 'a scan is accepted by itself',
  bound: 'so many scans as are averaged at the most were not enough',
  'not-noise': 'the mean is not accepted, and the scatter of its points is not the cause',
  outlier: 'a scan differs from the mean of those before it by more than noise',
  drift: 'the scans move in one direction: the sample changes, as by damage of the beam',
  settings: 'a scan has other energies, another mode or another group than those before it',
} as const;
export type AccumulationReason = keyof typeof ACCUMULATION_REASONS;
export type AccumulationStatus = 'GROWING' | 'ACCEPTED' | 'STOPPED';

/** Sums over repeats, each weighted by 1/sigma^2 of its absorption, [points]. */
export type RepeatSums = {
  readonly weight: number;
  readonly energyEv: Float64Array;
  readonly mu: Float64Array;
  /** Null where not every member has one. */
  readonly muReference: Float64Array | null;
};

/** Repeats that are being averaged. */
export type AccumulationState = Pick<
  Scan,
  'runId' | 'sampleId' | 'beamline' | 'element' | 'edge' | 'mode' | 'origin' | 'sequence' | 'endedAtMs'
> & {
  /** Of the first member. */
  readonly startedAtMs: number;
  /** What all members say alike. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly sums: RepeatSums;
  /** By the newest verdict. */
  readonly repeatsNeeded: number | null;
  /** scanId of the newest mean. */
  readonly mean: string | null;
  readonly axis: SpectrumAxis | null;
  /** The members' spectra in the bins of the axis; without values where they do not cover them. */
  readonly members: readonly Observation[];
};
