import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { afterAll, expect, test } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { partitionFetcher } from '../../src/consumers/partition-fetcher.ts';
import { createTopics } from '../../src/producers/create-topics.ts';
import { until } from '../until.ts';

const opened: Socket[] = [];
const kafka = new Kafka({
  clientId: 'partition-fetcher-test',
  brokers: process.env.KAFKA_BROKERS_TEST!.split(','),
  logLevel: logLevel.NOTHING,
  socketFactory({ host, port, onConnect }) {
    const socket = connect({ host, port }, onConnect);
    opened.push(socket);
    return socket;
  },
});
afterAll(() => {
  for (const socket of opened) socket.destroy();
});

test('partitions that are fetched at once share a connection, and none is left open', async () => {
  const topic = `fetched-${randomUUID()}`;
  await createTopics(kafka, [topic], 4);
  opened.length = 0;
  const fetcher = partitionFetcher(kafka, Date.now);
  const partitions = await fetcher.partitions(topic);
  expect(partitions).toEqual([0, 1, 2, 3]);
  const before = opened.length;
  await Promise.all(partitions.map((partition) => fetcher.fetch(topic, partition, 0n, 0)));
  expect(opened.length - before).toBeLessThanOrEqual(2); // to the broker by its own name, and for fetches
  await fetcher.close();
  await until(() => opened.every(({ destroyed }) => destroyed));
});
