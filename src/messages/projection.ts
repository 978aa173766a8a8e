import type { Advice, Verdict } from './judgement.ts';

/**
 * What the view holds in Redis for those who watch: rows without spectra, small enough for a history of many.
 * All times are ms since 1970, UTC. Numbers that were not finite on the wire are null here, as JSON has no word for them.
 */
export type ViewEntry =
  | { readonly kind: 'scan'; readonly row: ScanRow }
  | { readonly kind: 'letter'; readonly row: LetterRow };

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
  /** When the view wrote this row. */
  readonly viewedAt: number;
  readonly model: string;
  readonly modelHash: string;
  readonly noiseSigma: number | null;
  readonly novelty: number | null;
  readonly noveltyLimit: number | null;
  readonly advice: Advice;
  readonly descriptors: readonly DescriptorRow[];
};

export type DescriptorRow = {
  readonly name: string;
  /** Most probable class, or the predicted real. */
  readonly value: number | null;
  /** Mean over the classes; what a mixture has on average. */
  readonly expected: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly confidence: number | null;
  readonly noiseThreshold: number | null;
  readonly verdict: Verdict;
  readonly reason: string;
};

export type LetterRow = {
  /** topic/partition/offset of the record that could not become descriptors. */
  readonly letterId: string;
  readonly reason: string;
  readonly detail: string;
  readonly at: number;
  readonly viewedAt: number;
  readonly scanId: string | null;
  readonly runId: string | null;
  readonly sampleId: string | null;
  readonly element: string | null;
  /** Length of the original record's value; null when it had none. */
  readonly valueBytes: number | null;
};

/** What a running view says of the flow every second; one that has not spoken for VIEW_SILENT_MS is not running. */
export type ViewReport = {
  readonly at: number;
  /** Committed records that this view has fetched and not yet written. */
  readonly viewLag: number;
  /** Scans that the processors have not committed yet; null when the broker could not be asked. */
  readonly scansWaiting: number | null;
  /** Scans that were ever published. */
  readonly scansIn: number | null;
};

export const VIEW_SILENT_MS = 10_000;

/** Names of the keys in Redis; `prefix` keeps several views apart in one Redis. docs/dashboard.md says what each holds. */
export const viewKeys = (prefix: string) => ({
  positions: `${prefix}positions`,
  generation: `${prefix}generation`,
  events: `${prefix}events`,
  totals: `${prefix}totals`,
  letters: `${prefix}letters`,
  samples: `${prefix}samples`,
  runs: `${prefix}runs`,
  seenScans: `${prefix}seen-scans`,
  views: `${prefix}views`,
  // Ids come from the wire and stand last, so that no id can name another id's key.
  scan: (scanId: string) => `${prefix}scan:${scanId}`,
  letter: (letterId: string) => `${prefix}letter:${letterId}`,
  sample: (sampleId: string) => `${prefix}sample:${sampleId}`,
  sampleRecent: (sampleId: string) => `${prefix}sample-recent:${sampleId}`,
  sampleOlder: (sampleId: string) => `${prefix}sample-older:${sampleId}`,
  sampleTrail: (sampleId: string) => `${prefix}sample-trail:${sampleId}`,
  run: (runId: string) => `${prefix}run:${runId}`,
  runHistory: (runId: string) => `${prefix}run-history:${runId}`,
  runSamples: (runId: string) => `${prefix}run-samples:${runId}`,
});
