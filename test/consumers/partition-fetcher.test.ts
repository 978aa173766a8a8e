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

test('whether more is committed from an offset on', async () => {
  const topic = `more-${randomUUID()}`;
  await createTopics(kafka, [topic], 1);
  const fetcher = partitionFetcher(kafka, Date.now);
  const isMore = (from: bigint) => fetcher.isMore(topic, 0, from);
  await until(() =>
    isMore(0n).then(
      (more) => !more,
      () => false,
    ),
  );
  const producer = kafka.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  const publish = async (from: bigint, end: 'commit' | 'abort') => {
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ value: 'a' }, { value: 'b' }] });
    expect(await isMore(from)).toBe(false); // what is open is not committed
    await transaction[end]();
  };
  await publish(0n, 'commit'); // offsets 0 and 1, and a marker
  await publish(3n, 'abort'); // 3 and 4, and a marker
  await until(() => fetcher.fetch(topic, 0, 0n, 0).then(({ stableEnd }) => stableEnd === 6n));
  expect([await isMore(0n), await isMore(1n), await isMore(2n), await isMore(4n), await isMore(6n)]).toEqual([
    ...[true, true, false, false, false],
  ]);
  await publish(6n, 'commit');
  await until(() => fetcher.fetch(topic, 0, 6n, 0).then(({ stableEnd }) => stableEnd === 9n));
  expect([await isMore(2n), await isMore(7n), await isMore(8n)]).toEqual([true, true, false]);
  await producer.disconnect();
  await fetcher.close();
});
