import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { brokerRequests } from '../../src/consumers/broker-requests.ts';
import { createTopics } from '../../src/producers/create-topics.ts';
import { until } from '../until.ts';

const kafka = quietKafkaClient(process.env.KAFKA_BROKERS_TEST!.split(','));
const requests = brokerRequests(kafka);
afterAll(() => requests.close());

test('a topic that is made anew has another id; one that is not there has none', async () => {
  const topic = `ids-${randomUUID()}`;
  expect(await requests.topicId(topic)).toBeNull();
  await createTopics(kafka, [topic], 3);
  const id = await requests.topicId(topic);
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(id).not.toMatch(/^0*$/);
  expect(await requests.topicId(topic)).toBe(id);

  const admin = kafka.admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await until(async () => (await requests.topicId(topic)) === null);
  await createTopics(kafka, [topic], 3);
  const next = await requests.topicId(topic);
  expect(next).toMatch(/^[0-9a-f]{32}$/);
  expect(next).not.toBe(id);
  await admin.disconnect();
});

test('finds the coordinators of a group and of a transactional id', async () => {
  await requests.findCoordinator('group', randomUUID());
  await requests.findCoordinator('transaction', randomUUID());
});
