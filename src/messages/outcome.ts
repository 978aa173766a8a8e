import type { DescriptorName } from './descriptor-names.ts';
import type { Advice, Judgement, Verdict } from './judgement.ts';
import type { MapPoint } from './map-point.ts';
import type { ModelIdentity } from './prediction.ts';
import type { Prepared } from './prepared.ts';
import type { SourceRecord } from './record.ts';
import type { Reject } from './reject.ts';
import type { Scan } from './scan.ts';
import type { RunReference } from './standard.ts';

/** When each stage was done with the scan, ms since 1970 (fractional), on the processor's clock. */
export type StageTimes = {
  readonly receivedAtMs: number;
  readonly decodedAtMs: number;
  readonly preparedAtMs: number;
  readonly predictedAtMs: number;
  readonly gatedAtMs: number;
};

/** A scan with all that is said of it: what a descriptor event is encoded from. */
export type JudgedScan = {
  readonly record: SourceRecord;
  readonly scan: Scan;
  readonly prepared: Prepared;
  readonly judgement: Judgement;
  /** Null: it lies nowhere on the map. */
  readonly mapPosition: MapPoint | null;
  /** Ids of the standards that applied to the scan. */
  readonly standards: readonly string[];
  readonly model: ModelIdentity;
  readonly times: StageTimes;
};

/** A scan among those of its run, sample and edge, which `key` names. */
export type ComparedInRun = {
  readonly key: string;
  /** Id of the scan that it was compared with; null: there was none. */
  readonly comparedWith: string | null;
  /** Set where it became what later ones are compared with. */
  readonly becomes: RunReference | null;
};

/** What a dead letter says of a scan that could be decoded. */
export type ScanNames = Pick<Scan, 'scanId' | 'runId' | 'sampleId' | 'beamline' | 'element'>;

/** What becomes of one source record: exactly one outcome each, in the order of the records. */
export type Outcome =
  | {
      readonly kind: 'descriptors';
      readonly record: SourceRecord;
      readonly scan: ScanNames;
      /** The event, encoded. */
      readonly value: Buffer;
      readonly advice: Advice;
      readonly verdicts: readonly (readonly [DescriptorName, Verdict])[];
      /** What the scan was compared with, which may have become another meanwhile. */
      readonly run: ComparedInRun;
      /** How long the scan was prepared, and its batch predicted. */
      readonly took: { readonly prepareMs: number; readonly predictMs: number };
    }
  | {
      readonly kind: 'dead-letter';
      readonly record: SourceRecord;
      /** Known when the record could be decoded. */
      readonly scan: ScanNames | null;
      readonly reject: Reject;
    };
