import type { Kafka, Message, Transaction } from 'kafkajs';
import { type ClaimedProducers, claimedProducers } from './claimed-producers.ts';
import { DEFAULT_LIMITS, requestsOf } from './outcome-requests.ts';
import { isFenced } from './transactional-producer.ts';

/** A record that a stream job publishes; `partition`: by its key, where it is left out. */
export type JobRecord = {
  readonly topic: string;
  readonly message: Message;
};

export type JobPublisher = {
  /** Takes a partition of the source topic: shuts out whoever had it before. */
  claim(partition: number): Promise<void>;
  /** A broker went away: all partitions must be claimed before they commit again. */
  readonly connectionLost: ClaimedProducers['connectionLost'];
  /** Publishes, and commits how far the partition was read, all or nothing; as `OutcomePublisher.commit` otherwise. */
  commit(
    partition: number,
    records: readonly JobRecord[],
    next: { readonly offset: bigint; readonly metadata: string },
  ): Promise<'committed' | 'fenced'>;
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
  const producers = claimedProducers({ ...options, groupIds: [groupId] });
  const idOf = (partition: number) => `${groupId}-${sourceTopic}-${partition}`;

  return {
    claim: (partition) => producers.claim(idOf(partition)),
    connectionLost: producers.connectionLost,
    async commit(partition, records, next) {
      let transaction: Transaction | null = null;
      try {
        transaction = await producers.begin(idOf(partition));
        for (const { topicMessages } of requestsOf(records, DEFAULT_LIMITS.requestBytes))
          await transaction.sendBatch({ acks: -1, topicMessages: [...topicMessages] });
        // The types of kafkajs do not know that an offset may have metadata.
        const committed = { partition, offset: String(next.offset), metadata: next.metadata };
        await transaction.sendOffsets({
          consumerGroupId: groupId,
          topics: [{ topic: sourceTopic, partitions: [committed] }],
        });
        await transaction.commit();
        return 'committed';
      } catch (error) {
        const fenced = isFenced(error);
        // A fenced transaction was already ended by the one who fenced.
        if (!fenced && transaction?.isActive()) await transaction.abort().catch(() => {});
        await producers.drop(idOf(partition));
        if (fenced) return 'fenced';
        throw error;
      }
    },
    close: producers.close,
  };
}
