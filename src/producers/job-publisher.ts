import type { Kafka } from 'kafkajs';
import { type CommitTogether, commitTogether, type NextOffset } from './commit-together.ts';
import type { TopicRecord } from './requests-of.ts';

export type JobPublisher = {
  /** Takes a partition of the source topic: shuts out whoever had it before. */
  claim(partition: number): Promise<void>;
  /** A broker went away: all partitions must be claimed before they commit again. */
  readonly connectionLost: CommitTogether['connectionLost'];
  /** Publishes, and commits how far the partition was read, as `CommitTogether.commit`. */
  commit(
    partition: number,
    records: readonly TopicRecord[],
    next: NextOffset,
  ): Promise<readonly TopicRecord[] | 'fenced'>;
  close(): Promise<void>;
};

/** What a stream job makes of a topic and how far it was read, in one transaction; a producer for each partition. */
export function jobPublisher(options: {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly sourceTopic: string;
  /** Topics that are written to. */
  readonly topics: readonly string[];
  readonly nowMs: () => number;
}): JobPublisher {
  const { groupId, sourceTopic } = options;
  const transactions = commitTogether({ ...options, groupIds: [groupId] });
  const idOf = (partition: number) => `${groupId}-${sourceTopic}-${partition}`;
  return {
    claim: (partition) => transactions.claim(idOf(partition)),
    connectionLost: transactions.connectionLost,
    commit: (partition, records, next) =>
      transactions.commit(idOf(partition), () => records, [{ groupId, offsets: [{ partition, ...next }] }]),
    close: transactions.close,
  };
}
