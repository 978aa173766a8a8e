// What is left of the processor when it does nothing: consume, produce and commit in transactions, with the same
// client, the same batches and the same rule of one transactional id an input partition. The measure for
// bench/throughput.ts.

import type { Producer, Transaction } from 'kafkajs';
import { createProducer } from '../demo/services/kafka-client.ts';
import { kafkaClient } from '../src/consumers/kafka-client.ts';
import { scanSource } from '../src/consumers/scan-source.ts';

const { KAFKA_BROKERS, KAFKA_GROUP, TOPIC_SCANS, TOPIC_DESCRIPTORS } = process.env as Record<string, string>;
const kafka = kafkaClient({ brokers: KAFKA_BROKERS!.split(','), clientId: 'bare' });
const partitionProducers = new Map<number, { producer: Producer; next: Transaction | null }>();
const source = scanSource({
  kafka,
  topic: TOPIC_SCANS!,
  groupId: KAFKA_GROUP!,
  sessionTimeoutMs: 10_000,
  maxBytesPerPartition: Number(process.env.KAFKA_FETCH_BYTES ?? 1_048_576),
  nowMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
});

await source.start({
  async claim(partition) {
    await partitionProducers.get(partition)?.producer.disconnect();
    const producer = createProducer(kafka, {
      transactionalId: `${KAFKA_GROUP}-${partition}`,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    partitionProducers.set(partition, { producer, next: await producer.transaction() });
  },
  async process({ partition, records, nextOffset }) {
    const partitionProducer = partitionProducers.get(partition)!;
    const transaction = partitionProducer.next ?? (await partitionProducer.producer.transaction());
    partitionProducer.next = null;
    const messages = records.map(({ key, value }) => ({ key, value }));
    for (let i = 0; i < messages.length; i += 200) {
      await transaction.send({ topic: TOPIC_DESCRIPTORS!, messages: messages.slice(i, i + 200) });
    }
    await transaction.sendOffsets({
      consumerGroupId: KAFKA_GROUP!,
      topics: [{ topic: TOPIC_SCANS!, partitions: [{ partition, offset: String(nextOffset) }] }],
    });
    await transaction.commit();
    return true;
  },
  onCrash: (error) => {
    throw error;
  },
  onWarning: console.error,
});
console.log('"msg":"processing"');
process.once('SIGTERM', () => void source.close().then(() => process.exit(0)));
