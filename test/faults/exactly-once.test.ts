import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Consumer, Producer } from 'kafkajs';
import { createProducer, quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { type RunningProcess, startProcess, typescript } from '../../demo/services/start-process.ts';
import { createFlowTopics } from '../../src/producers/create-topics.ts';
import { decodeDescriptors } from '../../src/wire/descriptors-codec.ts';
import { encodeScan } from '../../src/wire/scan-codec.ts';
import { longestPause } from './longest-pause.ts';
import { recordFault } from './record-fault.ts';
import { exampleScan } from './scans.ts';

const SAMPLES = 12;
const PARTITIONS = [0, 1, 2, 3];
const SESSION_MS = 1500;
/** Scans that wait to be worked. */
const MOST_WAITING = 1500;
/** Ends what would wait for ever; where others have the cores, a start takes minutes. */
const READY_WITHIN_MS = 240_000;
const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
const kafka = quietKafkaClient(brokers, { retries: 200 }); // where others have the cores, answers take long
let producer: Producer;

beforeAll(async () => {
  producer = createProducer(kafka, { idempotent: true }); // a retry on a busy machine must not be taken for a fault
  await producer.connect();
});
afterAll(() => producer.disconnect());

type Seen = { readonly sampleId: string; readonly sequence: number };

/**
 * What a read_committed reader saw: which scans are missing, which came more than once, which came too late in their
 * sample.
 */
function faultsIn(seen: readonly Seen[], published: number) {
  const last = new Map<string, number>();
  const times = new Map<string, number>();
  let outOfOrder = 0;
  for (const { sampleId, sequence } of seen) {
    if (sequence <= (last.get(sampleId) ?? -1)) outOfOrder += 1;
    last.set(sampleId, Math.max(sequence, last.get(sampleId) ?? -1));
    const id = `${sampleId}/${sequence}`;
    times.set(id, (times.get(id) ?? 0) + 1);
  }
  const doubled = [...times.values()].filter((n) => n > 1).length;
  return { lost: published - times.size, doubled, outOfOrder };
}

/**
 * Three processors on four partitions while scans keep coming. In every round one of them is frozen between a batch's
 * results and their commit until the group has given its partitions away, then let go on; another is killed at the same
 * point and started anew.
 */
async function underFaults(transactionalIds: 'partition' | 'process', rounds: number) {
  const id = randomUUID().slice(0, 8);
  const env = {
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_GROUP: `faults-${id}`,
    TOPIC_SCANS: `faults-scans-${id}`,
    TOPIC_DESCRIPTORS: `faults-descriptors-${id}`,
    TOPIC_DEAD_LETTERS: `faults-dead-${id}`,
    TOPIC_STANDARDS: `faults-standards-${id}`,
    TOPIC_RUN_REFERENCES: `faults-references-${id}`,
    TOPIC_RUNS: `faults-runs-${id}`,
    KAFKA_SESSION_TIMEOUT_MS: String(SESSION_MS),
    FAULT_TRANSACTIONAL_ID: transactionalIds,
    FAULT_COMMIT_DELAY_MS: '150',
    LOG_LEVEL: 'warn',
  };
  await createFlowTopics(kafka, env, PARTITIONS.length);

  const seen: Seen[] = [];
  const reader: Consumer = kafka.consumer({ groupId: `reader-${id}`, maxWaitTimeInMs: 100 });
  await reader.connect();
  await reader.subscribe({ topics: [env.TOPIC_DESCRIPTORS], fromBeginning: true });
  const ended = new Set<number>();
  const next = new Map<number, bigint>(); // by partition: the reader, too, may begin again where it last committed
  await reader.run({
    partitionsConsumedConcurrently: 4,
    eachMessage: async ({ message, partition }) => {
      if (BigInt(message.offset) < (next.get(partition) ?? 0n)) return;
      next.set(partition, BigInt(message.offset) + 1n);
      if (message.value!.length === 0) ended.add(partition);
      else seen.push(decodeDescriptors(message.value!));
    },
  });

  let published = 0;
  const publish = async (scansPerSample: number) => {
    const first = published / SAMPLES;
    const messages = [];
    for (let sequence = first; sequence < first + scansPerSample; sequence += 1) {
      for (let sample = 0; sample < SAMPLES; sample += 1) {
        const scan = exampleScan(`sample-${sample}`, sequence);
        messages.push({ key: scan.sampleId, ...encodeScan(scan) });
      }
    }
    published += messages.length;
    await producer.send({ topic: env.TOPIC_SCANS, messages });
  };
  let publishing = true;
  const stream = (async () => {
    while (publishing) {
      await publish(1);
      await after(40);
      // Faster than a slow machine works, all of it would have to be worked off in the end.
      while (publishing && published - seen.length > MOST_WAITING) await after(40);
    }
  })();
  const failedToPublish = stream.then(() => new Promise<never>(() => {})); // rejects as soon as publishing does

  const start = () =>
    Promise.race([
      startProcess('worker', {
        ...{ ...typescript('test/faults/worker.ts'), env, ready: /before commit/ },
        readyTimeoutMs: READY_WITHIN_MS,
        graceMs: 60_000,
      }),
      failedToPublish,
    ]);
  const workers: RunningProcess[] = await Promise.all([start(), start(), start()]);
  const pause = longestPause(() => seen.length);
  let frozen = 0;
  for (let round = 0; round < rounds; round += 1) {
    const victim = workers[round % workers.length]!;
    await midBatch(victim);
    victim.signal('SIGSTOP');
    frozen += 1;
    await after(SESSION_MS * 2);
    await takenOver(victim, env.KAFKA_GROUP, env.TOPIC_SCANS);
    const other = (round + 1) % workers.length;
    await midBatch(workers[other]!);
    workers[other]!.signal('SIGKILL');
    victim.signal('SIGCONT');
    await workers[other]!.exited;
    workers[other] = await start();
  }
  publishing = false;
  await stream;
  const recoverySeconds = pause();

  // The end is reached when every partition's offset is committed, however many records came out.
  await until(() => allCommitted(env.KAFKA_GROUP, env.TOPIC_SCANS));
  const exits = await Promise.all(workers.map((worker) => worker.stop()));
  // An empty record behind all others in each partition: who has seen it has seen what was committed before it.
  const ends = PARTITIONS.map((partition) => ({ partition, value: Buffer.alloc(0) }));
  await producer.send({ topic: env.TOPIC_DESCRIPTORS, messages: ends });
  await until(async () => ended.size === PARTITIONS.length);
  await reader.disconnect();
  const faults = faultsIn(seen, published);
  const isControl = transactionalIds === 'process';
  recordFault({
    fault: `${isControl ? 'control, an id for each process: ' : ''}processors frozen and killed before a commit`,
    expected: isControl ? 'fails' : 'holds',
    scans: published,
    faults: 2 * frozen,
    ...faults,
    recoverySeconds,
  });
  return { ...faults, published, seen: seen.length, frozen, exits };
}

async function allCommitted(groupId: string, topic: string): Promise<boolean> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const ends = await admin.fetchTopicOffsets(topic);
    const committed = new Map(group?.partitions.map(({ partition, offset }) => [partition, offset]));
    return ends.every(({ partition, high }) => high === '0' || committed.get(partition) === high);
  } finally {
    await admin.disconnect();
  }
}

const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await after(200); // jest's own limit ends a condition that never comes
}

/** Comes back at the moment when the worker says that it stands before a commit. */
async function midBatch(worker: RunningProcess): Promise<void> {
  const count = () => worker.output().split('before commit').length;
  const before = count();
  const deadline = Date.now() + 60_000;
  while (count() === before && Date.now() < deadline) await after(10);
}

/**
 * Comes back when the others have committed what a frozen worker stood before: they have taken over, and go on from
 * there.
 */
async function takenOver(frozen: RunningProcess, groupId: string, topic: string): Promise<void> {
  const last = [...frozen.output().matchAll(/before commit of \d+ up to (\d+) in (\d+)/g)].at(-1)!;
  const [offset, inPartition] = last.slice(1).map(Number) as [number, number];
  await until(async () => {
    const admin = kafka.admin();
    await admin.connect();
    try {
      const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const committed = group?.partitions.find(({ partition }) => partition === inPartition)?.offset;
      return Number(committed ?? -1) >= offset;
    } finally {
      await admin.disconnect();
    }
  });
}

// Both at once: each on topics and groups of its own, and most of the time is sessions that run out.
describe('processors killed in mid-batch, and frozen beyond the session timeout while others take over', () => {
  test.concurrent('every scan comes out exactly once, and in order within its sample', async () => {
    const result = await underFaults('partition', 4);
    expect(result).toMatchObject({ lost: 0, doubled: 0, outOfOrder: 0 });
    expect(result.published).toBeGreaterThan(500);
    expect(result.exits.every(({ code }) => code === 0)).toBe(true);
  }, 900_000);

  test.concurrent('the control: with transactional ids of their own, the frozen ones do publish a second time', async () => {
    const result = await underFaults('process', 4);
    expect(result.lost).toBe(0);
    expect(result.doubled).toBeGreaterThan(0);
  }, 900_000);
});
