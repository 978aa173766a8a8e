import type { Kafka } from 'kafkajs';
import type { MadeScan } from '../messages/made-scan.ts';
import type { Settle } from './claimed-producers.ts';
import { type CommitTogether, commitTogether, type GroupOffsets } from './commit-together.ts';
import { madeRecord } from './made-record.ts';
import type { SchemaIds } from './outcome-record.ts';
import type { SizeLimits } from './size-limits.ts';

export type ScanPublisher = {
  /** Shuts out whoever published before, by the transactional id. */
  claim(): Promise<void>;
  /** A broker went away: the id must be claimed before it commits again. */
  readonly connectionLost: CommitTogether['connectionLost'];
  /**
   * Publishes, and commits offsets of the source topic, as `CommitTogether.commit`. The result: what was published,
   * dead letters in the place of what could not be.
   */
  commit(made: readonly MadeScan[], groups: readonly GroupOffsets[]): Promise<readonly MadeScan[] | 'fenced'>;
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
  const { transactionalId, scansTopic, deadLettersTopic, runsTopic } = options;
  const transactions = commitTogether({ ...options, topics: [scansTopic, deadLettersTopic, runsTopic] });

  const recordsOf = (made: readonly MadeScan[], limits: SizeLimits) =>
    made.map((each) => madeRecord(each, options, limits, options.nowMs()));

  return {
    claim: () => transactions.claim(transactionalId),
    connectionLost: transactions.connectionLost,
    async commit(made, groups) {
      const published = await transactions.commit(
        transactionalId,
        (limits) => recordsOf(made, limits),
        groups,
      );
      return published === 'fenced' ? published : published.map((record) => record.made);
    },
    close: transactions.close,
  };
}
