import type { Kafka, Message } from 'kafkajs';
import type { Standard } from '../messages/standard.ts';
import { encodeStandard } from '../wire/standard-codec.ts';
import { javaPartitioner } from './partition-of.ts';

/** Publishes standards, each in place of one with its id, if there is one. */
export const publishStandards = (
  kafka: Kafka,
  topic: string,
  standards: readonly Standard[],
): Promise<void> =>
  publishRecords(
    kafka,
    topic,
    standards.map((standard) => ({ key: standard.standardId, ...encodeStandard(standard) })),
  );

/** Withdraws standards: scans are read without them from now on, whenever they were measured. */
export const withdrawStandards = (kafka: Kafka, topic: string, ids: readonly string[]): Promise<void> =>
  publishRecords(
    kafka,
    topic,
    ids.map((key) => ({ key, value: null })),
  );

/** Publishes records one after the other, over a connection of their own; resolves when all replicas have them. */
export async function publishRecords(
  kafka: Kafka,
  topic: string,
  messages: readonly Message[],
): Promise<void> {
  const producer = kafka.producer({
    idempotent: true, // of two records with one key the order counts
    maxInFlightRequests: 1,
    createPartitioner: javaPartitioner,
    allowAutoTopicCreation: false,
  });
  try {
    await producer.connect();
    // One by one: a record may be as large as the broker takes.
    for (const message of messages) await producer.send({ topic, acks: -1, messages: [message] });
  } finally {
    await producer.disconnect();
  }
}
