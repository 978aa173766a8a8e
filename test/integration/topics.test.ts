import { afterEach, expect, test } from '@jest/globals';
import type { Admin } from 'kafkajs';
import type { RunningProcess } from '../../demo/services/start-process.ts';
import { createTopics } from '../../src/producers/create-topics.ts';
import { exampleScan } from '../faults/scans.ts';
import { until } from '../until.ts';
import { addressOf, type Flow, metric, startFlow } from './flow.ts';

// What is done to a topic while a processor reads it.
const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
let flow: Flow;
let admin: Admin | undefined;
let processors: RunningProcess[] = [];
afterEach(async () => {
  await Promise.all(processors.map((each) => each.stop()));
  processors = [];
  await admin?.disconnect();
  await flow?.close();
});

async function begin(partitions: number): Promise<Admin> {
  flow = await startFlow(brokers, { partitions });
  admin = flow.kafka.admin();
  await admin.connect();
  return admin;
}

const start = async (env: Readonly<Record<string, string>> = {}) => {
  const processor = await flow.start(env, 'test/faults/worker.ts');
  processors.push(processor);
  return processor;
};

const isReady = async (of: RunningProcess) => (await fetch(`${addressOf(of)}/readyz`)).status === 200;

const scans = (count: number, from: number) =>
  Array.from({ length: count }, (_, i) => exampleScan(`sample-${(from + i) % 7}`, from + i));

test('a topic that is deleted and made anew under a processor: no scan of the new one is skipped, none comes twice', async () => {
  const admin = await begin(2);
  const processor = await start({ FAULT_COMMIT_DELAY_MS: '50', KAFKA_FETCH_BYTES: '40000' });
  const topic = flow.env.TOPIC_SCANS!;
  await flow.publish(scans(300, 0));
  await until(() => flow.seen() === 300);
  let from = 300;
  const expected: string[] = [];
  // In work and idle, into a new topic that holds fewer and more records than the offsets of the former one.
  for (const { inWork, count } of [
    { inWork: false, count: 600 },
    { inWork: true, count: 100 },
    { inWork: true, count: 900 },
  ]) {
    if (inWork) {
      const before = flow.seen();
      await flow.publish(scans(300, from)); // those of them that are not read by then go with their topic
      from += 300;
      await until(() => flow.seen() > before);
    }
    await admin.deleteTopics({ topics: [topic] });
    await createTopics(flow.kafka, [topic], 2);
    await flow.publish(scans(count, from));
    expected.push(...scans(count, from).map(({ scanId }) => scanId));
    from += count;
    await flow.outcomes(); // every offset of the new topic is committed
  }
  const { descriptors, deadLetters } = await flow.outcomes();
  const times = new Map<string, number>();
  for (const { scanId } of descriptors) times.set(scanId, (times.get(scanId) ?? 0) + 1);
  const skipped = expected.filter((id) => !times.has(id));
  const doubled = expected.filter((id) => (times.get(id) ?? 0) > 1);
  expect({ skipped, doubled, deadLetters }).toEqual({ skipped: [], doubled: [], deadLetters: [] });
  expect(processor.output()).toMatch(/was made anew/);
  expect(await isReady(processor)).toBe(true);
}, 180_000);

test('a topic that is gone makes a processor not ready; when it is there again it goes on', async () => {
  const admin = await begin(1);
  const processor = await start({ READY_WITHIN_MS: '2000', KAFKA_SESSION_TIMEOUT_MS: '3000' });
  await until(() => isReady(processor));
  const topic = flow.env.TOPIC_SCANS!;
  await admin.deleteTopics({ topics: [topic] });
  await until(async () => !(await isReady(processor)));
  await createTopics(flow.kafka, [topic], 1);
  await flow.publish(scans(20, 0));
  await until(() => flow.seen() === 20);
  await until(() => isReady(processor));
}, 120_000);

test.each([{ running: false }, { running: true }])(
  'records that are deleted before they are read are counted and logged as lost (processor running: $running)',
  async ({ running }) => {
    const admin = await begin(1);
    const topic = flow.env.TOPIC_SCANS!;
    const first = await start(running ? { FAULT_COMMIT_DELAY_MS: '3000', KAFKA_FETCH_BYTES: '1024' } : {});
    await flow.publish(scans(10, 0));
    if (running) await until(() => /before commit of 10/.test(first.output()));
    else {
      await until(() => flow.seen() === 10);
      await first.stop();
    }
    await flow.publish(scans(90, 10));
    await admin.fetchTopicOffsets(topic); // kafkajs deletes only from topics that it has asked about
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '60' }] });
    const processor = running ? first : await start();
    await until(() => /lost scans/.test(processor.output()));
    const line = processor
      .output()
      .split('\n')
      .find((each) => each.includes('lost scans'))!;
    expect(JSON.parse(line)).toMatchObject({ level: 50, partition: 0, from: '10', to: '59' });
    expect(await metric(processor, 'xanes_lost_scans_total')).toBe(50);
    const { descriptors } = await flow.outcomes();
    const read = [
      ...Array.from({ length: 10 }, (_, i) => i),
      ...Array.from({ length: 40 }, (_, i) => 60 + i),
    ];
    expect(descriptors.map(({ sequence }) => sequence).sort((a, b) => a - b)).toEqual(read);
  },
  120_000,
);

test('partitions that are added are read', async () => {
  const admin = await begin(1);
  const processor = await start({ METADATA_MAX_AGE_MS: '500' });
  await until(() => isReady(processor));
  const topic = flow.env.TOPIC_SCANS!;
  await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
  await flow.publishMessages([{ partition: 2, key: 'k', value: 'no scan' }]);
  await until(() => flow.seen() === 1);
  const { assigned } = (await (await fetch(`${addressOf(processor)}/readyz`)).json()) as {
    assigned: number[];
  };
  expect(assigned).toEqual([0, 1, 2]);
}, 60_000);
