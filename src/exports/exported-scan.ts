import type { Scan } from '../messages/scan.ts';
import type { WireDeadLetter, WireDescriptors } from '../wire/generated.ts';

/** A scan as it was measured, beside what was said of it: an event, or why there is none. */
export type ExportedScan = {
  /** The record that the scan came in. */
  readonly source: WireDescriptors['source'];
  /** Null where that record is gone, by retention or otherwise; then there is an event. */
  readonly raw: MeasuredScan | null;
  readonly event: WireDescriptors | null;
  readonly refused: Pick<WireDeadLetter, 'reason' | 'detail' | 'at'> | null;
};

export type MeasuredScan = {
  readonly scan: Scan;
  /** mu(E) by the scan's mode, [points]; not finite where its channels do not say. */
  readonly absorption: Float64Array;
};

/** One whose record is there. */
export type RecordedScan = ExportedScan & { readonly raw: MeasuredScan };

/** What a scan is called, and when it was measured, by its record or by its event. */
export type ScanLabels = Pick<
  Scan,
  'scanId' | 'runId' | 'sampleId' | 'beamline' | 'element' | 'edge' | 'sequence' | 'origin'
> &
  Pick<Scan, 'startedAtMs' | 'endedAtMs' | 'metadata'>;

export function labelsOf({ raw, event }: ExportedScan): ScanLabels {
  if (raw !== null) return raw.scan;
  if (event === null) throw new TypeError('Expected a scan with its record or its event, got neither');
  return { ...event, startedAtMs: event.startedAt, endedAtMs: event.endedAt };
}

/** A file, or a folder of files, that is being written. */
export type PartWriter = {
  add(scan: ExportedScan): void;
  close(): void;
};

/** A kind of file that scans are written to. */
export type ExportFormat = {
  /** Ends the names of its files; empty where a part is a folder. */
  readonly extension: string;
  /** Scans of one part at the most; a part that is not whole is made again after a kill. */
  readonly scansPerPart: number;
  /** Whether a scan whose record is gone cannot be written. */
  readonly needsRecord: boolean;
  open(path: string): Promise<PartWriter>;
};

/** UTC, as ISO 8601 has it. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();
