import type { AccumulationStatus } from './accumulation.ts';
import type { ChangeKind, Quantity } from './change-point.ts';
import type { Advice, Verdict } from './judgement.ts';

/**
 * What the projection holds in Redis for those who watch: rows without spectra, small enough for a history of many.
 * All times are ms since 1970, UTC. Numbers that were not finite on the wire are null here, as JSON has no word for
 * them.
 */
export type ProjectionEntry =
  | { readonly kind: 'scan'; readonly row: ScanRow }
  | { readonly kind: 'dead-letter'; readonly row: DeadLetterRow }
  | { readonly kind: 'run'; readonly row: RunRow }
  | { readonly kind: 'change'; readonly row: ChangePointRow }
  | { readonly kind: 'annotation'; readonly row: AnnotationRow }
  | { readonly kind: 'request'; readonly row: RequestRow }
  | { readonly kind: 'acknowledgement'; readonly row: AcknowledgementRow }
  | { readonly kind: 'accumulation'; readonly row: AccumulationRow };

export type ScanRow = {
  readonly scanId: string;
  readonly runId: string;
  readonly sampleId: string;
  readonly beamline: string;
  readonly element: string;
  readonly edge: string;
  readonly sequence: number;
  readonly origin: 'LIVE' | 'REPLAY';
  /** End of the scan; null where the beamline's clock said something that cannot be (before 2000, or in the future). */
  readonly endedAt: number | null;
  /** When the processor handed the descriptors to Kafka. */
  readonly publishedAt: number;
  /** When the projection wrote this row. */
  readonly projectedAt: number;
  readonly model: string;
  readonly modelHash: string;
  readonly noiseSigma: number | null;
  readonly outOfDistributionScore: number | null;
  readonly outOfDistributionLimit: number | null;
  readonly advice: Advice;
  readonly descriptors: readonly DescriptorRow[];
  /** Rows that were written before 0.2 lack these three. */
  readonly means?: readonly MeanRow[];
  /** Probability that sites of the sample differ. */
  readonly mixedSites?: number | null;
  readonly change?: ChangeRow | null;
  /** Of a preview: the scan that it is a part of, which takes its place; absent of a whole one. */
  readonly partialOf?: string;
  /** On the map of the model, [x, y]; null: nowhere on it. Rows of earlier versions lack it. */
  readonly mapPosition?: readonly [number, number] | null;
  /** Numbers that the beamline recorded with the scan, such as potential, V. Rows of earlier versions lack them. */
  readonly conditions?: Readonly<Record<string, number>>;
};

export type DescriptorRow = {
  readonly name: string;
  /** Most probable class, or the predicted real. */
  readonly value: number | null;
  /** Interval of `value`. */
  readonly low: number | null;
  readonly high: number | null;
  readonly confidence: number | null;
  readonly noiseThreshold: number | null;
  readonly verdict: Verdict;
  readonly reason: string;
};

/** Mean of a descriptor over all sites of the sample. */
export type MeanRow = {
  readonly name: string;
  readonly value: number | null;
  /** Interval of `value`. */
  readonly low: number | null;
  readonly high: number | null;
  readonly verdict: Verdict;
  readonly reason: string;
  /** What it was read by, such as network. */
  readonly method: string;
};

/** Difference of a mean from that of an earlier scan of the same run and sample. */
export type ChangeRow = {
  readonly name: string;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** scanId of the earlier scan. */
  readonly since: string;
};

export type DeadLetterRow = {
  /** topic/partition/offset of the record that could not become descriptors. */
  readonly deadLetterId: string;
  readonly reason: string;
  readonly detail: string;
  readonly at: number;
  readonly projectedAt: number;
  readonly scanId: string | null;
  readonly runId: string | null;
  readonly sampleId: string | null;
  readonly element: string | null;
  /** Length of the original record's value; null when it had none. */
  readonly valueBytes: number | null;
};

/** What was last said of a run: that it has started, or ended. */
export type RunRow = {
  readonly runId: string;
  readonly state: 'STARTED' | 'ENDED';
  /** Of a run that has ended, as the two that follow; no scan of it ends later. */
  readonly endedAt: number | null;
  readonly exitStatus: 'SUCCESS' | 'ABORT' | 'FAIL' | null;
  readonly reason: string;
};

/** A moment from which on a sample differs from before, as of the topic of changes. */
export type ChangePointRow = {
  readonly changeId: string;
  readonly runId: string;
  readonly sampleId: string;
  readonly element: string;
  readonly origin: 'LIVE' | 'REPLAY';
  readonly quantity: Quantity;
  readonly kind: ChangeKind;
  /** Ends of the scans that it lies between, and of the one with which it was found. */
  readonly lastBefore: number;
  readonly firstAfter: number;
  readonly foundAt: number;
  readonly size: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly perHour: number | null;
  readonly scanBefore: string;
  /** The newest of those that it rests on. */
  readonly scanAfter: string;
  readonly projectedAt: number;
};

/** What a person noted of a sample. */
export type AnnotationRow = {
  readonly annotationId: string;
  readonly runId: string | null;
  readonly sampleId: string;
  /** The moment that it is about. */
  readonly at: number;
  readonly scanId: string | null;
  /** It acknowledges this change. */
  readonly changeId: string | null;
  readonly text: string;
  readonly writtenBy: string;
  readonly writtenAt: number;
  readonly projectedAt: number;
};

/** What an agent or a person asked of a beamline. */
export type RequestRow = {
  readonly requestId: string;
  /** One of the kinds in schemas/request.v1.avsc; more may come. */
  readonly kind: string;
  readonly beamline: string;
  /** What it is about, as the four that follow; null: whatever was being measured. */
  readonly runId: string | null;
  readonly sampleId: string | null;
  readonly element: string | null;
  readonly edge: string | null;
  /** The newest scan whose event made it. */
  readonly scanId: string | null;
  readonly askedBy: string;
  readonly why: string;
  readonly askedAt: number;
  readonly validUntil: number;
  readonly origin: 'LIVE' | 'REPLAY';
  /** How many scans, of more-scans; null of other kinds, as what only one kind has below. */
  readonly scans: number | null;
  readonly fromEv: number | null;
  readonly toEv: number | null;
  /** Of annotate. */
  readonly text: string | null;
  /** Of set-standard, scanId of the scan. */
  readonly standard: string | null;
  readonly projectedAt: number;
};

/** What was last said to a request. */
export type AcknowledgementRow = {
  readonly requestId: string;
  /** Who answers. */
  readonly by: string;
  /** What a record that came again is answered with (DUPLICATE) says nothing new, and is not kept. */
  readonly status: 'ACCEPTED' | 'REFUSED' | 'EXPIRED' | 'DONE' | 'FAILED';
  readonly reason: string;
  readonly detail: string;
  /** How many scans were measured for it. */
  readonly scans: number;
  readonly at: number;
  readonly projectedAt: number;
};

/** How far the repeats of a sample's edge are averaged, as was last said. */
export type AccumulationRow = {
  readonly runId: string;
  readonly sampleId: string;
  readonly element: string;
  readonly edge: string;
  readonly origin: 'LIVE' | 'REPLAY';
  /** End of the scan that brought it about. */
  readonly at: number;
  readonly status: AccumulationStatus;
  readonly reason: string;
  /** How many scans are averaged. */
  readonly members: number;
  /** While it grows, how many more are needed; null where that is not known. */
  readonly repeatsNeeded: number | null;
  readonly projectedAt: number;
};

/** A sample may be measured at several edges, each with repeats of its own. */
export const accumulationKey = ({
  element,
  edge,
  sampleId,
}: Pick<AccumulationRow, 'element' | 'edge' | 'sampleId'>): string => `${element} ${edge} ${sampleId}`;

/**
 * What a running projection says of the flow every second; one that has not spoken for PROJECTION_SILENT_MS is not
 * running.
 */
export type ProjectionReport = {
  /** When, ms since 1970 by the clock of Redis: those of hosts may differ. */
  readonly at: number;
  /** Committed records that this projection has fetched and not yet written. */
  readonly projectionLag: number;
  /** Scans that the processors have not committed yet; null when the broker could not be asked. */
  readonly scansWaiting: number | null;
  /** Scans that were ever published. */
  readonly scansIn: number | null;
};

export const PROJECTION_SILENT_MS = 10_000;

/**
 * Names of the keys in Redis; `prefix` keeps several projections apart in one Redis. docs/watch.md says what each
 * holds.
 */
export const projectionKeys = (prefix: string) => ({
  positions: `${prefix}positions`,
  generation: `${prefix}generation`,
  events: `${prefix}events`,
  totals: `${prefix}totals`,
  deadLetters: `${prefix}dead-letters`,
  samples: `${prefix}samples`,
  runs: `${prefix}runs`,
  runStates: `${prefix}run-states`,
  changes: `${prefix}changes`,
  annotations: `${prefix}annotations`,
  requests: `${prefix}requests`,
  acknowledgements: `${prefix}acknowledgements`,
  accumulations: `${prefix}accumulations`,
  seenScans: `${prefix}seen-scans`,
  projections: `${prefix}projections`,
  // Ids come from the wire and stand last, so that no id can name another id's key.
  scan: (scanId: string) => `${prefix}scan:${scanId}`,
  deadLetter: (deadLetterId: string) => `${prefix}dead-letter:${deadLetterId}`,
  sample: (sampleId: string) => `${prefix}sample:${sampleId}`,
  sampleRecent: (sampleId: string) => `${prefix}sample-recent:${sampleId}`,
  sampleOlder: (sampleId: string) => `${prefix}sample-older:${sampleId}`,
  sampleTrail: (sampleId: string) => `${prefix}sample-trail:${sampleId}`,
  run: (runId: string) => `${prefix}run:${runId}`,
  runState: (runId: string) => `${prefix}run-state:${runId}`,
  request: (requestId: string) => `${prefix}request:${requestId}`,
  acknowledgement: (requestId: string) => `${prefix}acknowledgement:${requestId}`,
  accumulation: (key: string) => `${prefix}accumulation:${key}`,
  runHistory: (runId: string) => `${prefix}run-history:${runId}`,
  samplesOfRun: (runId: string) => `${prefix}samples-of-run:${runId}`,
});
