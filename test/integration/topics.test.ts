import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Admin } from 'kafkajs';
import type { RunningProcess } from '../../demo/services/start-process.ts';
import { createFlowTopics, createTopics, type FlowTopics } from '../../src/producers/create-topics.ts';
import { recordFault } from '../faults/record-fault.ts';
import { exampleScan } from '../faults/scans.ts';
import { until, untilPasses } from '../until.ts';
import { addressOf, type Flow, memoryMb, metric, startFlow } from './flow.ts';

// What is done to a topic while a processor reads it: each test with a flow of its own, two of them at a time.
const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');

type Env = Readonly<Record<string, string>>;
type Stage = {
  readonly flow: Flow;
  readonly admin: Admin;
  /** A processor on the flow. */
  start(env?: Env): Promise<RunningProcess>;
};

/** A test on a scans topic of so many partitions; ended with all that it started. */
const onTopic = (partitions: number, work: (stage: Stage) => Promise<void>) => async () => {
  const flow = await startFlow(brokers, { partitions });
  const admin = flow.kafka.admin();
  const processors: RunningProcess[] = [];
  try {
    await admin.connect();
    await work({
      flow,
      admin,
      async start(env = {}) {
        const processor = await flow.start(env, 'test/faults/worker.ts');
        processors.push(processor);
        return processor;
      },
    });
  } finally {
    await Promise.all(processors.map((each) => each.stop()));
    await admin.disconnect();
    await flow.close();
  }
};

const isReady = async (of: RunningProcess) => (await fetch(`${addressOf(of)}/readyz`)).status === 200;

const scans = (count: number, from: number) =>
  Array.from({ length: count }, (_, i) => exampleScan(`sample-${(from + i) % 7}`, from + i));

/** A file that holds commits while it is there (test/faults/worker.ts). */
function commitHold() {
  const file = join(tmpdir(), `hold-${randomUUID()}`);
  return {
    env: { FAULT_COMMIT_HOLD: file },
    hold: () => writeFileSync(file, ''),
    release: () => rmSync(file, { force: true }),
  };
}

/** Publishes to a new topic. The broker may have heard of the former one's end and not yet of it. */
async function onceKnown(publish: () => Promise<void>): Promise<void> {
  await until(async () => {
    try {
      await publish();
      return true;
    } catch (error) {
      const { cause } = error as { cause?: { type?: string } };
      if (cause?.type === 'UNKNOWN_TOPIC_OR_PARTITION') return false; // by its metadata: nothing was sent
      throw error;
    }
  });
}

type MadeAnew = { readonly frozen: boolean; readonly inWork: boolean; readonly count: number };

/** A topic is deleted under a processor, made anew and filled; what came out of its scans. */
async function madeAnew({ flow, admin, start }: Stage, { frozen, inWork, count }: MadeAnew, env: Env = {}) {
  const settings = { FAULT_COMMIT_DELAY_MS: '300', KAFKA_SESSION_TIMEOUT_MS: '30000' };
  const commit = commitHold();
  const processor = await start({ ...settings, ...commit.env, ...env });
  const topic = flow.env.TOPIC_SCANS!;
  await flow.publish(scans(300, 0));
  await until(() => flow.seen() === 300);
  if (inWork) {
    const commits = () => processor.output().split('before commit').length;
    const before = commits();
    if (frozen) commit.hold(); // else the freeze may fall behind the commit
    await flow.publish(scans(200, 300)); // those of them that are not read by then go with their topic
    await until(() => commits() > before);
  }
  if (frozen) processor.signal('SIGSTOP');
  await admin.deleteTopics({ topics: [topic] });
  await createTopics(flow.kafka, [topic], 2);
  await onceKnown(() => flow.publish(scans(count, 500)));
  commit.release();
  processor.signal('SIGCONT');

  const { descriptors, deadLetters } = await flow.outcomes(); // every offset of the new topic is committed
  const times = new Map<string, number>();
  for (const { scanId } of descriptors) times.set(scanId, (times.get(scanId) ?? 0) + 1);
  const expected = scans(count, 500).map(({ scanId }) => scanId);
  const skipped = expected.filter((id) => !times.has(id));
  const doubled = [...times].filter(([, n]) => n > 1).map(([id]) => id);
  const isControl = Object.keys(env).length > 0;
  recordFault({
    fault: `${isControl ? 'control, offsets without the id of their topic: ' : ''}a topic made anew under a processor${
      inWork ? ' at work' : ''
    }${frozen ? ', frozen meanwhile' : ''}, ${count} new scans`,
    expected: isControl ? 'fails' : 'holds',
    scans: count,
    faults: 1,
    lost: skipped.length,
    doubled: doubled.length,
    memoryMb: await memoryMb(processor),
  });
  return { processor, skipped, doubled, deadLetters };
}

test.concurrent.each([
  // Idle, and while records of the former topic stand before their commit; the new one holds fewer records than the
  // offsets that the processor has reached, and more. Frozen: it hears nothing of the deletion.
  { frozen: false, inWork: false, count: 600 },
  { frozen: false, inWork: true, count: 100 },
  { frozen: false, inWork: true, count: 900 },
  { frozen: true, inWork: false, count: 900 },
  { frozen: true, inWork: true, count: 900 },
])(
  'a topic made anew under a processor: no scan is skipped, none comes twice (%j)',
  (how) =>
    onTopic(2, async (stage) => {
      const { processor, ...faults } = await madeAnew(stage, how);
      expect(faults).toEqual({ skipped: [], doubled: [], deadLetters: [] });
      expect(processor.output()).toMatch(/was made anew/);
      await until(() => isReady(processor));
    })(),
  600_000,
);

test.concurrent('the control: with offsets that do not say of which topic they are, scans are skipped', async () => {
  const how = { frozen: true, inWork: true, count: 900 };
  let lost = 0;
  // Once in a whole run, in none of eight by itself, the freeze fell where nothing of the former topic was taken over.
  for (let time = 0; time < 3 && lost === 0; time += 1)
    await onTopic(2, async (stage) => {
      const { skipped } = await madeAnew(stage, how, { FAULT_TOPIC_ID: 'unnoted' });
      lost = skipped.length;
    })();
  expect(lost).toBeGreaterThan(0);
}, 600_000);

test.concurrent(
  'a topic that is gone makes a processor not ready; when it is there again it goes on',
  onTopic(1, async ({ flow, admin, start }) => {
    const processor = await start({ READY_WITHIN_MS: '2000', KAFKA_SESSION_TIMEOUT_MS: '3000' });
    await until(() => isReady(processor));
    const topic = flow.env.TOPIC_SCANS!;
    await admin.deleteTopics({ topics: [topic] });
    await until(async () => !(await isReady(processor)));
    await createTopics(flow.kafka, [topic], 1);
    await flow.publish(scans(20, 0));
    await until(() => flow.seen() === 20);
    await until(() => isReady(processor));
  }),
  600_000,
);

/**
 * Of 100 scans those from 10 to 59 are deleted, while a processor is away or at work on those before; one that is at
 * work has read up to 19 by then.
 */
async function deleteUnread({ flow, admin, start }: Stage, running: boolean, env: Env = {}) {
  const topic = flow.env.TOPIC_SCANS!;
  const commit = commitHold();
  if (running) commit.hold();
  const first = await start(running ? { ...commit.env, KAFKA_FETCH_BYTES: '1024' } : {});
  await flow.publish(scans(10, 0));
  if (running) await until(() => /before commit of 10/.test(first.output()));
  else {
    await until(() => flow.seen() === 10);
    await first.stop();
  }
  await flow.publish(scans(10, 10));
  if (running) await until(async () => (await metric(first, 'xanes_in_work_scans')) === 20); // read ahead
  await flow.publish(scans(80, 20));
  await admin.fetchTopicOffsets(topic); // kafkajs deletes only from topics that it has asked about
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '60' }] });
  commit.release();
  const processor = running ? first : await start(env);
  const { descriptors } = await flow.outcomes();
  const told = await metric(processor, 'xanes_lost_scans_total');
  const isControl = Object.keys(env).length > 0;
  const state = running ? 'at work' : 'away';
  recordFault({
    fault: `${isControl ? 'control, nobody counts: ' : ''}scans deleted unread, the processor ${state}; lost without a word`,
    expected: isControl ? 'fails' : 'holds',
    scans: 100,
    faults: 1,
    lost: 100 - descriptors.length - told,
    doubled: 0,
    memoryMb: await memoryMb(processor),
  });
  return { processor, descriptors, told };
}

test.concurrent.each([{ running: false }, { running: true }])(
  'records that are deleted before they are read are counted and logged as lost (processor running: $running)',
  ({ running }) =>
    onTopic(1, async (stage) => {
      const { processor, descriptors, told } = await deleteUnread(stage, running);
      const line = processor
        .output()
        .split('\n')
        .find((each) => each.includes('lost scans'))!;
      const from = running ? 20 : 10;
      expect(JSON.parse(line)).toMatchObject({ level: 50, partition: 0, from: String(from), to: '59' });
      expect(told).toBe(60 - from);
      const read = [
        ...Array.from({ length: from }, (_, i) => i),
        ...Array.from({ length: 40 }, (_, i) => 60 + i),
      ];
      expect(descriptors.map(({ sequence }) => sequence).sort((a, b) => a - b)).toEqual(read);
    })(),
  600_000,
);

test.concurrent(
  'the control: where nobody counts, they are lost without a word',
  onTopic(1, async (stage) => {
    const { processor, told } = await deleteUnread(stage, false, { FAULT_LOST: 'untold' });
    expect(told).toBe(0);
    expect(processor.output()).not.toMatch(/lost scans/);
  }),
  600_000,
);

test.concurrent(
  'partitions that are added are read',
  onTopic(1, async ({ flow, admin, start }) => {
    const processor = await start({ METADATA_MAX_AGE_MS: '500' });
    await until(() => isReady(processor));
    const topic = flow.env.TOPIC_SCANS!;
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    await createFlowTopics(flow.kafka, flow.env as FlowTopics); // `npm run topics`: their references' as well
    await flow.publishMessages([{ partition: 2, key: 'k', value: 'no scan' }]);
    await until(() => flow.seen() === 1);
    await untilPasses(async () => {
      const ready = await (await fetch(`${addressOf(processor)}/readyz`)).json();
      expect(ready).toMatchObject({ assigned: [0, 1, 2] });
    });
  }),
  600_000,
);
