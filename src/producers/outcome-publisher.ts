import type { Kafka, Transaction } from 'kafkajs';
import type { Outcome } from '../messages/outcome.ts';
import type { KeptReference } from '../messages/standard.ts';
import { encodeRunReference } from '../wire/run-reference-codec.ts';
import { type ClaimedProducers, claimedProducers, type Settle } from './claimed-producers.ts';
import { largestRecords } from './largest-records.ts';
import {
  afterRefusal,
  DEFAULT_LIMITS,
  isSmaller,
  isTooLarge,
  limitsOf,
  type OutcomeRequest,
  outcomeRequests,
  type SchemaIds,
  type SizeLimits,
} from './outcome-requests.ts';
import { isFenced } from './transactional-producer.ts';

export type OutcomePublisherOptions = {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly scansTopic: string;
  readonly descriptorsTopic: string;
  readonly deadLettersTopic: string;
  /** Has as many partitions as the scans topic. */
  readonly referencesTopic: string;
  /** Headers of every event and dead letter beside its own. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly nowMs: () => number;
  /** The default: none, records are plain Avro. */
  readonly schemaIds?: SchemaIds | undefined;
  /** The default, one id a partition for the whole group, is what makes exactly-once hold: see docs/adr/0002. */
  readonly transactionalId?: (partition: number) => string;
  readonly settle?: Settle;
};

/** Where the next reader of a partition begins, and what is kept with it. */
export type NextOffset = { readonly offset: bigint; readonly metadata: string };

export type OutcomePublisher = {
  /** Takes the partition, by its transactional id. */
  claim(partition: number): Promise<void>;
  /** A broker went away: all partitions must be claimed before they commit again. */
  readonly connectionLost: ClaimedProducers['connectionLost'];
  /**
   * Publishes the outcomes, keeps the references that were made among them in the partition of their topic that has the
   * same number, and commits `next` of the scans' partition, all or nothing.
   * `fenced`: another processor has claimed the partition, and nothing of this was published.
   * Other errors are thrown; whether the transaction was committed is then unknown until the partition is claimed
   * again.
   */
  commit(
    partition: number,
    outcomes: readonly Outcome[],
    next: NextOffset,
    references: readonly KeptReference[],
  ): Promise<'committed' | 'fenced'>;
  close(): Promise<void>;
};

/** One is at most some 10 kB, by the bounds of a scan's names. */
const REFERENCES_PER_REQUEST = 64;

/**
 * Descriptors, dead letters and consumed offsets, in one Kafka transaction a batch; a producer for each input
 * partition.
 */
export function outcomePublisher(options: OutcomePublisherOptions): OutcomePublisher {
  const { groupId, scansTopic, descriptorsTopic, deadLettersTopic } = options;
  const transactionalId = options.transactionalId ?? ((partition) => `${groupId}-${scansTopic}-${partition}`);
  const topics = [descriptorsTopic, deadLettersTopic];
  const producers = claimedProducers({
    ...options,
    groupIds: [groupId],
    topics: [...topics, options.referencesTopic],
  });
  let limits: SizeLimits | null = null;

  const readLimits = async () => limitsOf(await largestRecords(options.kafka, topics));

  /** A topic's settings may have been made smaller since they were read; where they were not, the refusal tells. */
  async function learnFrom(refused: OutcomeRequest, before: SizeLimits): Promise<void> {
    const now = await readLimits();
    limits = isSmaller(now, before) ? now : afterRefusal(before, refused);
  }

  return {
    async claim(partition) {
      limits ??= await readLimits();
      await producers.claim(transactionalId(partition));
    },
    connectionLost: producers.connectionLost,

    async commit(partition, outcomes, next, references) {
      let transaction: Transaction | null = null;
      let request: OutcomeRequest | undefined;
      try {
        const requests = outcomeRequests(outcomes, options, limits ?? DEFAULT_LIMITS, options.nowMs());
        transaction = await producers.begin(transactionalId(partition));
        for (request of requests) {
          await transaction.sendBatch({ acks: -1, topicMessages: [...request.topicMessages] });
        }
        request = undefined;
        for (let i = 0; i < references.length; i += REFERENCES_PER_REQUEST) {
          const kept = references.slice(i, i + REFERENCES_PER_REQUEST).map(encodeRunReference);
          const messages = kept.map((message) => ({ ...message, partition }));
          await transaction.send({ topic: options.referencesTopic, acks: -1, messages });
        }
        // The types of kafkajs do not know that an offset may have metadata.
        const committed = { partition, offset: String(next.offset), metadata: next.metadata };
        await transaction.sendOffsets({
          consumerGroupId: groupId,
          topics: [{ topic: scansTopic, partitions: [committed] }],
        });
        await transaction.commit();
        return 'committed';
      } catch (error) {
        const fenced = isFenced(error);
        // A fenced transaction was already ended by the one who fenced.
        if (!fenced && transaction?.isActive()) await transaction.abort().catch(() => {});
        // What was sent of a refused request makes kafkajs' sequence numbers wrong, so that the producer cannot be used
        // again.
        await producers.drop(transactionalId(partition));
        if (fenced) return 'fenced';
        if (request !== undefined && isTooLarge(error)) await learnFrom(request, limits ?? DEFAULT_LIMITS);
        throw error;
      }
    },

    close: producers.close,
  };
}
