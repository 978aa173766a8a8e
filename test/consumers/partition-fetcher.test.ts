import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { afterAll, expect, test } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { type PartitionFetcher, partitionFetcher } from '../../src/consumers/partition-fetcher.ts';
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
  const partitions = [0, 1, 2, 3];
  const fetchAll = (fetcher: PartitionFetcher) =>
    Promise.all(partitions.map((partition) => fetcher.fetch(topic, partition, 0n, 0)));
  const first = partitionFetcher(kafka, Date.now);
  // A topic that was just made has no leaders for a moment.
  await until(() =>
    fetchAll(first).then(
      () => true,
      () => false,
    ),
  );
  await first.close();

  opened.length = 0;
  const fetcher = partitionFetcher(kafka, Date.now);
  expect(await fetcher.partitions(topic)).toEqual(partitions);
  const before = opened.length;
  await fetchAll(fetcher);
  const more = opened.length - before;
  await fetcher.close();
  expect(more).toBeLessThanOrEqual(2); // to the broker by its own name, and for fetches
  await until(() => opened.every(({ destroyed }) => destroyed));
});
