import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createProducer, quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { systemClock } from '../../src/common/clock.ts';
import { groupActivity } from '../../src/consumers/group-activity.ts';
import { kafkaClient } from '../../src/consumers/kafka-client.ts';
import type { PartitionBatch } from '../../src/consumers/scan-handlers.ts';
import { scanSource } from '../../src/consumers/scan-source.ts';
import { createTopics } from '../../src/producers/create-topics.ts';
import { until } from '../until.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
const RECORD_BYTES = 2000;

/** A topic of one partition, of which an answer of the broker holds one record, read ahead. */
async function readingAhead(records: number) {
  const id = randomUUID().slice(0, 8);
  const topic = `ahead-${id}`;
  const kafka = quietKafkaClient(brokers);
  const [admin, producer] = [kafka.admin(), createProducer(kafka)];
  await Promise.all([admin.connect(), producer.connect()]);
  await createTopics(kafka, [topic], 1);
  for (let i = 0; i < records; i += 1) {
    await producer.send({ topic, messages: [{ value: Buffer.alloc(RECORD_BYTES, i) }] }); // a batch of its own
  }
  const given: { readonly first: bigint; answer(committed: boolean): void }[] = [];
  let claims = 0;
  const crashes: Error[] = [];
  const source = scanSource({
    kafka: kafkaClient({ brokers, clientId: 'ahead' }),
    ...{ topic, groupId: `ahead-${id}`, sessionTimeoutMs: 60_000, maxBytesPerPartition: RECORD_BYTES / 2 },
    ...{ metadataMaxAgeMs: 15_000, activity: groupActivity(systemClock.nowMs, 30_000) },
    ...{ nowMs: systemClock.nowMs, sleep: systemClock.sleep, readAhead: true },
  });
  await source.start({
    claim: async () => {
      claims += 1;
    },
    process: ({ records: [first] }: PartitionBatch) =>
      new Promise((answer) => given.push({ first: first!.offset, answer })),
    onLost: () => {},
    onCrash: (error) => crashes.push(error),
    onWarning: () => {},
  });
  return {
    source,
    given,
    crashes,
    claims: () => claims,
    async close() {
      await admin.deleteTopics({ topics: [topic] });
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    },
  };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 600)); // more than an idle fetch

test('a batch is handed over while the one before it is in work, and no third; those behind a failed one come again', async () => {
  const { source, given, claims, crashes, close } = await readingAhead(6);
  const firsts = () => given.map(({ first }) => Number(first));
  await until(async () => given.length === 2);
  await pause();
  expect(firsts()).toEqual([0, 1]);
  given[0]!.answer(true);
  await until(async () => given.length === 3);
  expect([firsts(), claims()]).toEqual([[0, 1, 2], 1]);
  given[1]!.answer(false);
  await pause();
  expect([given.length, claims()]).toEqual([3, 1]); // not claimed while one is in work
  given[2]!.answer(false); // as whoever keeps the order answers
  await until(async () => given.length === 5);
  expect([firsts(), claims()]).toEqual([[0, 1, 2, 1, 2], 2]);
  for (const { answer } of given.slice(3)) answer(true);
  await until(async () => given.length === 7);

  let closed = false;
  const closing = source.close().then(() => {
    closed = true;
  });
  await pause();
  expect(closed).toBe(false); // two are in work
  for (const { answer } of given.slice(5)) answer(true);
  await closing;
  expect([firsts(), crashes]).toEqual([[0, 1, 2, 1, 2, 3, 4], []]);
  await close();
});
