import type { SourceRecord } from './record.ts';
import type { Reject } from './reject.ts';
import type { Run } from './run.ts';
import type { Scan } from './scan.ts';

/**
 * A scan that was made of records, or why there is none; or that a run has started or ended. `record`: the one that
 * settled it.
 */
export type MadeScan =
  | { readonly kind: 'scan'; readonly record: SourceRecord; readonly scan: Scan }
  | { readonly kind: 'run'; readonly record: SourceRecord; readonly run: Run }
  | {
      readonly kind: 'dead-letter';
      readonly record: SourceRecord;
      readonly scan: null;
      readonly reject: Reject;
    };
