import type { SourceRecord } from './record.ts';
import type { Reject } from './reject.ts';
import type { Scan } from './scan.ts';

/** A scan that was made of records, or why there is none. `record`: the one that settled it. */
export type MadeScan =
  | { readonly kind: 'scan'; readonly record: SourceRecord; readonly scan: Scan }
  | {
      readonly kind: 'dead-letter';
      readonly record: SourceRecord;
      readonly scan: null;
      readonly reject: Reject;
    };
