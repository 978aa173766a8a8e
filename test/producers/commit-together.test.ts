import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import kafkajs from 'kafkajs'; // Node sees only some of its names
import { quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { commitTogether } from '../../src/producers/commit-together.ts';
import { createTopics } from '../../src/producers/create-topics.ts';
import type { KnownLimits } from '../../src/producers/size-limits.ts';
import { unlearned } from '../faults/broken-publisher.ts';

const kafka = quietKafkaClient(process.env.KAFKA_BROKERS_TEST!.split(','));
const closers: (() => Promise<unknown>)[] = [];
afterAll(() => Promise.all(closers.map((close) => close())));

/** Of 40 kB together. */
const RECORDS = 40;
const TOPIC_TAKES = 10_000;

/** A topic whose `max.message.bytes` is made smaller behind the back of who writes to it. */
async function withSmallerTopic(limits?: KnownLimits) {
  const id = randomUUID().slice(0, 8);
  const [sourceTopic, topic] = [`source-${id}`, `made-${id}`];
  await createTopics(kafka, [sourceTopic, topic], 1);
  const options = { kafka, groupIds: [id], sourceTopic, topics: [topic], nowMs: Date.now, limits };
  const transactions = commitTogether(options);
  closers.push(transactions.close);
  await transactions.claim(id);
  const admin = kafka.admin();
  await admin.connect();
  const configEntries = [{ name: 'max.message.bytes', value: `${TOPIC_TAKES}` }];
  const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }];
  await admin.alterConfigs({ validateOnly: false, resources });
  await admin.disconnect();
  const records = Array.from({ length: RECORDS }, () => ({
    topic,
    message: { key: 'k', value: Buffer.alloc(1000) },
  }));
  const offsets = [{ partition: 0, offset: BigInt(RECORDS), metadata: '' }];
  const commit = () => transactions.commit(id, () => records, [{ groupId: id, offsets }]);
  const claim = () => transactions.claim(id);
  /** Until then the broker has not heard of the new setting yet. */
  async function untilRefused(): Promise<void> {
    for (;;) {
      const refused = await commit().catch((error) => error);
      if (refused !== records) return expect(refused.message).toMatch(/larger than/);
    }
  }
  return { records, claim, commit, untilRefused };
}

test('a request that a topic takes no more is refused once, and comes in smaller ones then', async () => {
  const { records, claim, commit, untilRefused } = await withSmallerTopic();
  await untilRefused();
  await claim();
  expect(await commit()).toBe(records);
});

test('the control: where nobody learns from it, it is refused again', async () => {
  const { claim, commit, untilRefused } = await withSmallerTopic(unlearned);
  await untilRefused();
  for (let i = 0; i < 3; i += 1) {
    await claim();
    await expect(commit()).rejects.toThrow(/larger than/);
  }
});
