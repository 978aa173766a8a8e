import type { Kafka, Producer } from 'kafkajs';
import { javaPartitioner } from './partition-of.ts';

/** After so long the broker ends a transaction whose producer is gone. */
export const TRANSACTION_TIMEOUT_MS = 60_000;

/** A producer whose first transaction shuts out whoever had its transactional id; not connected yet. */
export function transactionalProducer(kafka: Kafka, transactionalId: string): Producer {
  return kafka.producer({
    transactionalId,
    idempotent: true,
    createPartitioner: javaPartitioner,
    maxInFlightRequests: 1,
    transactionTimeout: TRANSACTION_TIMEOUT_MS,
    allowAutoTopicCreation: false,
  });
}

/**
 * Initialises a transactional id, and does nothing with it: whether this user and this broker allow our transactions.
 * Whoever had the id is shut out, so it must not be one of a partition.
 */
export async function tryTransactionalId(kafka: Kafka, transactionalId: string): Promise<void> {
  const producer = transactionalProducer(kafka, transactionalId);
  try {
    await producer.connect();
    await producer.transaction();
  } finally {
    await producer.disconnect().catch(() => {});
  }
}

const FENCED: ReadonlySet<string> = new Set([
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_ID_MAPPING',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_TXN_STATE',
]);

/** Whether another producer has taken the transactional id. */
export function isFenced(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) {
    const { type, code } = e as { type?: string; code?: number };
    if ((type !== undefined && FENCED.has(type)) || code === 90) return true;
  }
  return false;
}
