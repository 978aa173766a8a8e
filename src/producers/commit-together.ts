import type { Kafka, Transaction } from 'kafkajs';
import { type ClaimedProducers, claimedProducers, type Settle } from './claimed-producers.ts';
import { type ProduceRequest, requestsOf, type TopicRecord } from './requests-of.ts';
import { isTooLarge, type KnownLimits, knownLimits, type SizeLimits } from './size-limits.ts';
import { isFenced } from './transactional-producer.ts';
import { untilEnded } from './until-ended.ts';

/** Where the next reader of a partition begins, and what is kept with it. */
export type NextOffset = { readonly offset: bigint; readonly metadata: string };

/** Offsets of the source topic that a transaction commits for a group. */
export type GroupOffsets = {
  readonly groupId: string;
  readonly offsets: readonly (NextOffset & { readonly partition: number })[];
};

/** Records and offsets in one transaction, by transactional ids that are claimed. */
export type CommitTogether = {
  /** Takes an id: shuts out whoever had it before. */
  claim(transactionalId: string): Promise<void>;
  /** A broker went away: all ids must be claimed before they commit again. */
  readonly connectionLost: ClaimedProducers['connectionLost'];
  /**
   * Publishes the records and commits the offsets, all or nothing. The result: the records that were published.
   * `fenced`: another process has claimed the id, and nothing of this was published.
   * Other errors are thrown; whether the transaction was committed is then unknown until the id is claimed again.
   * @param records those to publish, given what their topics take
   */
  commit<Published extends TopicRecord>(
    transactionalId: string,
    records: (limits: SizeLimits) => readonly Published[],
    groups: readonly GroupOffsets[],
  ): Promise<readonly Published[] | 'fenced'>;
  close(): Promise<void>;
};

export type CommitTogetherOptions = {
  readonly kafka: Kafka;
  /** Groups for which offsets are committed. */
  readonly groupIds: readonly string[];
  readonly sourceTopic: string;
  /** Topics that are written to. */
  readonly topics: readonly string[];
  readonly nowMs: () => number;
  readonly settle?: Settle | undefined;
  /** The default: what the configuration of the topics says, and what was refused. */
  readonly limits?: KnownLimits | undefined;
};

export function commitTogether(options: CommitTogetherOptions): CommitTogether {
  const { sourceTopic } = options;
  const producers = claimedProducers(options);
  const limits = options.limits ?? knownLimits(options.kafka, options.topics);

  return {
    async claim(transactionalId) {
      await limits.ask();
      await producers.claim(transactionalId);
    },
    connectionLost: producers.connectionLost,

    async commit(transactionalId, records, groups) {
      let transaction: Transaction | null = null;
      let request: ProduceRequest | undefined;
      try {
        const published = records(limits.now());
        const requests = requestsOf(published, limits.now().requestBytes);
        transaction = await producers.begin(transactionalId);
        for (request of requests)
          await transaction.sendBatch({ acks: -1, topicMessages: [...request.topicMessages] });
        request = undefined;
        for (const { groupId: consumerGroupId, offsets } of groups) {
          if (offsets.length === 0) continue;
          // The types of kafkajs do not know that an offset may have metadata.
          const partitions = offsets.map((each) => ({ ...each, offset: String(each.offset) }));
          const sent = { consumerGroupId, topics: [{ topic: sourceTopic, partitions }] };
          const begun = transaction;
          await untilEnded(() => begun.sendOffsets(sent));
        }
        await transaction.commit();
        return published;
      } catch (error) {
        const fenced = isFenced(error);
        // A fenced transaction was already ended by the one who fenced.
        if (!fenced && transaction?.isActive()) await transaction.abort().catch(() => {});
        // What was sent of a refused request makes kafkajs' sequence numbers wrong, so that the producer cannot be used
        // again.
        await producers.drop(transactionalId);
        if (fenced) return 'fenced';
        if (request !== undefined && isTooLarge(error)) await limits.refused(request);
        throw error;
      }
    },

    close: producers.close,
  };
}
