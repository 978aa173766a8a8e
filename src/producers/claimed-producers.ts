import kafkajs, { type Kafka, type Producer, type Transaction } from 'kafkajs'; // Node sees only some of its names
import { clusterOf } from '../kafka/kafka-cluster.ts';
import { encodeOnce } from './encode-once.ts';
import { rememberCoordinators } from './remember-coordinators.ts';
import { type SettleOptions, settleTransaction } from './settle-transaction.ts';
import { TRANSACTION_TIMEOUT_MS, transactionalProducer } from './transactional-producer.ts';

/** Producers that have their transactional ids to themselves. */
export type ClaimedProducers = {
  /**
   * Takes an id: from here on, whoever had it before can commit no more, its open transaction is ended, and one that it
   * had committed is so in every partition.
   */
  claim(transactionalId: string): Promise<void>;
  /**
   * A broker went away. What it had decided may not have reached every partition, and the end of the next transaction
   * would take it along, whatever that end is: every id must be claimed before it commits again.
   */
  connectionLost(): void;
  /** The next transaction of an id that is claimed, and was since the last broker went away. */
  begin(transactionalId: string): Promise<Transaction>;
  /** Gives an id up; nobody else is shut out by it. */
  drop(transactionalId: string): Promise<void>;
  close(): Promise<void>;
};

/** How what a broker has left open is ended; fault tests leave it out. */
export type Settle = (options: SettleOptions) => Promise<unknown>;

type ClaimedProducer = {
  readonly producer: Producer;
  /** Connections that were lost before it was claimed. */
  readonly lostBefore: number;
  next: Transaction | null;
};

export function claimedProducers(options: {
  readonly kafka: Kafka;
  /** Groups of which transactions commit offsets. */
  readonly groupIds: readonly string[];
  /** Topics that they may write to. */
  readonly topics: readonly string[];
  readonly nowMs: () => number;
  readonly settle?: Settle | undefined;
}): ClaimedProducers {
  const { groupIds, topics } = options;
  const kafka = rememberCoordinators(encodeOnce(options.kafka), options.nowMs);
  const cluster = clusterOf(options.kafka);
  const settle = options.settle ?? ((which: SettleOptions) => settleTransaction(cluster, which));
  const claimed = new Map<string, ClaimedProducer>();
  let lost = 0;

  async function drop(transactionalId: string): Promise<void> {
    const { producer } = claimed.get(transactionalId) ?? {};
    claimed.delete(transactionalId);
    await producer?.disconnect().catch(() => {});
  }

  return {
    async claim(transactionalId) {
      await drop(transactionalId);
      const lostBefore = lost;
      const transactionTimeoutMs = TRANSACTION_TIMEOUT_MS;
      await settle({ transactionalId, groupIds, topics, transactionTimeoutMs });
      const producer = transactionalProducer(kafka, transactionalId);
      try {
        await producer.connect();
        // The first transaction initialises the id, which is what fences; it is kept for the first batch.
        claimed.set(transactionalId, { producer, lostBefore, next: await producer.transaction() });
      } catch (error) {
        await producer.disconnect().catch(() => {});
        throw error;
      }
    },

    connectionLost() {
      lost += 1;
    },

    async begin(transactionalId) {
      const mine = claimed.get(transactionalId);
      if (mine === undefined)
        throw new Error(`Expected transactional id ${transactionalId} to be claimed before a commit`);
      if (mine.lostBefore !== lost) {
        await drop(transactionalId);
        throw new kafkajs.KafkaJSError(`A broker went away since ${transactionalId} was claimed`);
      }
      const { next } = mine;
      mine.next = null;
      return next ?? (await mine.producer.transaction());
    },

    drop,
    async close() {
      await Promise.all([...[...claimed.keys()].map(drop), cluster.disconnect()]);
    },
  };
}
