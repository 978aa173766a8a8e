import type { MadeScan } from '../messages/made-scan.ts';
import { type Reject, reject } from '../messages/reject.ts';
import { inFrame } from '../wire/confluent-frame.ts';
import { encodeRun } from '../wire/run-codec.ts';
import { encodeScan } from '../wire/scan-codec.ts';
import { deadLetterRecord, type SchemaIds } from './outcome-record.ts';
import { sizeOf, type TopicRecord } from './requests-of.ts';
import { limitOf, type SizeLimits } from './size-limits.ts';

export type MadeTopics = {
  readonly scansTopic: string;
  readonly deadLettersTopic: string;
  readonly runsTopic: string;
  readonly schemaIds?: SchemaIds | undefined;
};

/** A record, and what it says: a dead letter where `madeRecord` had to make one. */
export type MadeRecord = TopicRecord & { readonly made: MadeScan };

/**
 * What was made of documents as the record to publish. A scan, or the start or the end of a run, that cannot be encoded
 * or is larger than its topic takes becomes a dead letter: documents hold what they like, and those that are published
 * with it must not wait for it.
 * @param nowMs ms since 1970, of a dead letter
 */
export function madeRecord(
  made: MadeScan,
  topics: MadeTopics,
  limits: SizeLimits,
  nowMs: number,
): MadeRecord {
  const { deadLettersTopic, schemaIds } = topics;
  const letter = (because: Reject): MadeRecord => {
    const dead = { kind: 'dead-letter', record: made.record, scan: null, reject: because } as const;
    return { ...deadLetterRecord(dead, deadLettersTopic, limits, nowMs, schemaIds), made: dead };
  };
  if (made.kind === 'dead-letter') return letter(made.reject);
  const what = made.kind === 'scan' ? 'a scan' : 'the start or the end of a run';
  try {
    const encoded = made.kind === 'scan' ? ofScan(made, topics) : ofRun(made, topics);
    const limit = limitOf(encoded.topic, limits);
    const size = sizeOf(encoded.message);
    if (size <= limit) return { ...encoded, made };
    return letter(reject('result-too-large', `Expected ${what} of less than ${limit} bytes, got ${size}`));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return letter(reject('not-publishable', `Expected ${what} that can be encoded, got the error: ${why}`));
  }
}

type Made<Kind> = Extract<MadeScan, { readonly kind: Kind }>;

function ofScan({ scan }: Made<'scan'>, { scansTopic, schemaIds }: MadeTopics): TopicRecord {
  const message = inFrame({ key: scan.sampleId, ...encodeScan(scan) }, schemaIds?.get(scansTopic));
  return { topic: scansTopic, message };
}

const ofRun = ({ run }: Made<'run'>, { runsTopic }: MadeTopics): TopicRecord => ({
  topic: runsTopic,
  message: encodeRun(run),
});
