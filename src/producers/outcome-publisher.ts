import kafkajs, { type Kafka, type Producer, type Transaction } from 'kafkajs'; // Node sees only some of its names
import { clusterOf } from '../kafka-cluster.ts';
import type { Outcome } from '../messages/outcome.ts';
import type { KeptReference } from '../messages/standard.ts';
import { encodeRunReference } from '../wire/run-reference-codec.ts';
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
import { rememberCoordinators } from './remember-coordinators.ts';
import { type SettleOptions, settleTransaction } from './settle-transaction.ts';
import { isFenced, TRANSACTION_TIMEOUT_MS, transactionalProducer } from './transactional-producer.ts';

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
  /** The default ends what a broker has left open; fault tests leave it out. */
  readonly settle?: (options: SettleOptions) => Promise<unknown>;
};

/** Where the next reader of a partition begins, and what is kept with it. */
export type NextOffset = { readonly offset: bigint; readonly metadata: string };

export type OutcomePublisher = {
  /**
   * Takes the partition: from here on, whoever held it before can commit no more, its open transaction is ended, and
   * one that it had committed is so in every partition.
   */
  claim(partition: number): Promise<void>;
  /**
   * A broker went away. What it had decided may not have reached every partition, and the end of the next transaction
   * would take it along, whatever that end is: all partitions must be claimed before they commit again.
   */
  connectionLost(): void;
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

type PartitionProducer = {
  readonly producer: Producer;
  /** Connections that were lost before it was claimed. */
  readonly lostBefore: number;
  next: Transaction | null;
};

/**
 * Descriptors, dead letters and consumed offsets, in one Kafka transaction a batch; a producer for each input
 * partition.
 */
export function outcomePublisher(options: OutcomePublisherOptions): OutcomePublisher {
  const { groupId, scansTopic, descriptorsTopic, deadLettersTopic } = options;
  const kafka = rememberCoordinators(options.kafka, options.nowMs);
  const transactionalId = options.transactionalId ?? ((partition) => `${groupId}-${scansTopic}-${partition}`);
  const partitionProducers = new Map<number, PartitionProducer>();
  let limits: SizeLimits | null = null;
  let lost = 0;
  const cluster = clusterOf(options.kafka);
  const settle = options.settle ?? ((which: SettleOptions) => settleTransaction(cluster, which));

  const topics = [descriptorsTopic, deadLettersTopic];
  const readLimits = async () => limitsOf(await largestRecords(options.kafka, topics));

  /** A topic's settings may have been made smaller since they were read; where they were not, the refusal tells. */
  async function learnFrom(refused: OutcomeRequest, before: SizeLimits): Promise<void> {
    const now = await readLimits();
    limits = isSmaller(now, before) ? now : afterRefusal(before, refused);
  }

  async function drop(partition: number): Promise<void> {
    const partitionProducer = partitionProducers.get(partition);
    partitionProducers.delete(partition);
    await partitionProducer?.producer.disconnect().catch(() => {});
  }

  return {
    async claim(partition) {
      await drop(partition);
      const lostBefore = lost;
      limits ??= await readLimits();
      await settle({
        transactionalId: transactionalId(partition),
        groupId,
        topics: [...topics, options.referencesTopic],
        transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
      });
      const producer = transactionalProducer(kafka, transactionalId(partition));
      await producer.connect();
      // The first transaction initialises the id, which is what fences; it is kept for the first batch.
      partitionProducers.set(partition, { producer, lostBefore, next: await producer.transaction() });
    },

    connectionLost() {
      lost += 1;
    },

    async commit(partition, outcomes, next, references) {
      const partitionProducer = partitionProducers.get(partition);
      if (partitionProducer === undefined)
        throw new Error(`Expected partition ${partition} to be claimed before a commit`);
      if (partitionProducer.lostBefore !== lost) {
        await drop(partition);
        throw new kafkajs.KafkaJSError('A broker went away since the partition was claimed');
      }
      let transaction: Transaction | null = null;
      let request: OutcomeRequest | undefined;
      try {
        const requests = outcomeRequests(outcomes, options, limits ?? DEFAULT_LIMITS, options.nowMs());
        transaction = partitionProducer.next ?? (await partitionProducer.producer.transaction());
        partitionProducer.next = null;
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
        await drop(partition);
        if (fenced) return 'fenced';
        if (request !== undefined && isTooLarge(error)) await learnFrom(request, limits ?? DEFAULT_LIMITS);
        throw error;
      }
    },

    async close() {
      await Promise.all([...[...partitionProducers.keys()].map(drop), cluster.disconnect()]);
    },
  };
}
