import type { Kafka } from 'kafkajs';
import type { MadeScan } from '../messages/made-scan.ts';
import { reject } from '../messages/reject.ts';
import { inFrame } from '../wire/confluent-frame.ts';
import { encodeRun } from '../wire/run-codec.ts';
import { encodeScan } from '../wire/scan-codec.ts';
import type { Settle } from './claimed-producers.ts';
import { type CommitTogether, commitTogether, type GroupOffsets } from './commit-together.ts';
import { deadLetterRecord, type SchemaIds } from './outcome-record.ts';
import { sizeOf, type TopicRecord } from './requests-of.ts';
import { limitOf, type SizeLimits } from './size-limits.ts';

export type ScanPublisher = {
  /** Shuts out whoever published before, by the transactional id. */
  claim(): Promise<void>;
  /** A broker went away: the id must be claimed before it commits again. */
  readonly connectionLost: CommitTogether['connectionLost'];
  /** Publishes, and commits offsets of the source topic, as `CommitTogether.commit`. */
  commit(made: readonly MadeScan[], groups: readonly GroupOffsets[]): Promise<'committed' | 'fenced'>;
  close(): Promise<void>;
};

/**
 * Scans, starts and ends of runs, dead letters and consumed offsets, in one Kafka transaction a batch, by one producer
 * for all partitions.
 */
export function scanPublisher(options: {
  readonly kafka: Kafka;
  readonly transactionalId: string;
  /** Groups for which offsets are committed. */
  readonly groupIds: readonly string[];
  readonly sourceTopic: string;
  readonly scansTopic: string;
  readonly deadLettersTopic: string;
  readonly runsTopic: string;
  readonly nowMs: () => number;
  readonly settle?: Settle;
  /** The default: none, records are plain Avro. */
  readonly schemaIds?: SchemaIds | undefined;
}): ScanPublisher {
  const { transactionalId, scansTopic, deadLettersTopic, runsTopic, schemaIds } = options;
  const transactions = commitTogether({ ...options, topics: [scansTopic, deadLettersTopic, runsTopic] });

  function recordOf(made: MadeScan, limits: SizeLimits): TopicRecord {
    if (made.kind === 'dead-letter')
      return deadLetterRecord(made, deadLettersTopic, limits, options.nowMs(), schemaIds);
    if (made.kind === 'run') return { topic: runsTopic, message: encodeRun(made.run) };
    const { record, scan } = made;
    const limit = limitOf(scansTopic, limits);
    const message = inFrame({ key: scan.sampleId, ...encodeScan(scan) }, schemaIds?.get(scansTopic));
    if (sizeOf(message) <= limit) return { topic: scansTopic, message };
    const detail = `Expected a scan of less than ${limit} bytes, got ${message.value.length}`;
    const because = reject('result-too-large', detail);
    return recordOf({ kind: 'dead-letter', record, scan: null, reject: because }, limits);
  }

  return {
    claim: () => transactions.claim(transactionalId),
    connectionLost: transactions.connectionLost,
    commit: (made, groups) =>
      transactions.commit(transactionalId, (limits) => made.map((each) => recordOf(each, limits)), groups),
    close: transactions.close,
  };
}
