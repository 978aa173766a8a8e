import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type RunningProcess, startProcess, typescript } from '../../demo/services/start-process.ts';
import { exampleScan } from '../faults/scans.ts';
import { until, untilPasses } from '../until.ts';
import { addressOf, type Flow, metric, startFlow } from './flow.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
let flow: Flow;
let processors: RunningProcess[] = [];
afterEach(async () => {
  await Promise.all(processors.map((processor) => processor.stop()));
  processors = [];
  await flow?.close();
});

const start = async (env: Readonly<Record<string, string>> = {}, program?: string) => {
  const processor = await flow.start(env, program);
  processors.push(processor);
  return processor;
};

/** Scans of a few samples, so that they spread over the partitions. */
const scans = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => exampleScan(`sample-${(from + i) % 7}`, from + i));

describe('ordered shutdown', () => {
  test('SIGTERM in mid-stream: exit 0, and nothing lost or doubled after a restart', async () => {
    flow = await startFlow(brokers);
    // What is sent together is fetched together: a few at a time, so that they come out in many batches.
    for (let from = 0; from < 300; from += 10) await flow.publish(scans(10, from));
    const first = await start(
      { FAULT_PREDICT_DELAY_MS: '500', KAFKA_FETCH_BYTES: '5000' },
      'test/faults/worker.ts',
    );
    await until(() => flow.seen() > 0);
    const seen = flow.seen();
    expect(await first.stop()).toEqual({ code: 0, signal: null });
    expect(seen).toBeLessThan(300); // it was stopped in the middle

    await flow.publish(scans(100, 300));
    await start();
    const { descriptors, lost, doubled } = await flow.outcomes();
    expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
    expect(descriptors).toHaveLength(400);
  }, 600_000);

  test('SIGTERM while idle: exit 0', async () => {
    flow = await startFlow(brokers);
    const processor = await start();
    expect(await processor.stop()).toEqual({ code: 0, signal: null });
  });
});

describe('fatal errors', () => {
  const endOf = async (env: Readonly<Record<string, string>>) => {
    const processor = await startProcess('processor', { ...typescript('src/bin/processor.ts'), env });
    processors.push(processor);
    return { exit: await processor.exited, output: processor.output() };
  };

  test('a folder without a model', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'no-model-'));
    const { exit, output } = await endOf({ KAFKA_BROKERS: brokers.join(','), MODEL_DIR: folder });
    rmSync(folder, { recursive: true });
    expect(exit).toEqual({ code: 1, signal: null });
    expect(output).toMatch(/"level":60.*Expected .*no-model-/);
  });

  test('a wrong setting is named', async () => {
    const { exit, output } = await endOf({ BATCH_MAX_SIZE: 'many' });
    expect(exit).toEqual({ code: 1, signal: null });
    expect(output).toMatch(/BATCH_MAX_SIZE: .*got \\?"many/);
  });

  test('no broker at that address, within a time limit', async () => {
    const { exit, output } = await endOf({ KAFKA_BROKERS: '127.0.0.1:9' });
    expect(exit).toEqual({ code: 1, signal: null });
    expect(output).toMatch(/Expected KAFKA_BROKERS 127\.0\.0\.1:9 to answer within \d+ s: .*ECONNREFUSED/);
  });

  test('another program has the group', async () => {
    flow = await startFlow(brokers, { partitions: 1 });
    const foreign = flow.kafka.consumer({
      groupId: flow.env.KAFKA_GROUP!,
      partitionAssigners: [
        () => ({
          name: 'a-protocol-of-its-own',
          version: 1,
          assign: async ({ members }) =>
            members.map(({ memberId }) => ({ memberId, memberAssignment: Buffer.alloc(0) })),
          protocol: () => ({ name: 'a-protocol-of-its-own', metadata: Buffer.alloc(0) }),
        }),
      ],
    });
    await foreign.connect();
    await foreign.subscribe({ topics: [flow.env.TOPIC_SCANS!] });
    const joined = new Promise((resolve) => foreign.on(foreign.events.GROUP_JOIN, resolve));
    await foreign.run({ eachMessage: async () => {} });
    await joined;
    const { exit, output } = await endOf(flow.env);
    await foreign.disconnect();
    expect(exit).toEqual({ code: 1, signal: null });
    expect(output).toMatch(
      /"level":60.*Expected the consumer group, KAFKA_GROUP, .*INCONSISTENT_GROUP_PROTOCOL/,
    );
  });

  test('topics that do not exist are named, with the command that creates them', async () => {
    const { exit, output } = await endOf({ KAFKA_BROKERS: brokers.join(','), TOPIC_SCANS: 'no-such-topic' });
    expect(exit).toEqual({ code: 1, signal: null });
    expect(output).toMatch(/Expected topics no-such-topic.*npm run topics/);
  });
});

test('back-pressure: with a slow model and a long queue, the scans held and the memory stay bounded', async () => {
  const PARTITIONS = 2;
  const FETCH_BYTES = 64 * 1024;
  const COUNT = 3000;
  const TOGETHER = 250;
  flow = await startFlow(brokers, { partitions: PARTITIONS });
  for (let from = 0; from < COUNT; from += TOGETHER) await flow.publish(scans(TOGETHER, from));
  const processor = await start(
    { FAULT_PREDICT_DELAY_MS: '30', KAFKA_FETCH_BYTES: String(FETCH_BYTES), BATCH_MAX_SIZE: '16' },
    'test/faults/worker.ts',
  );
  // A scan takes 1.9 kB on the wire; the broker sends whole record batches, of which the first may exceed the limit.
  // Of a partition two batches are in work at the most.
  const scanBytes = 1900;
  const recordBatch = TOGETHER / PARTITIONS;
  const bound = 2 * PARTITIONS * Math.max(FETCH_BYTES / scanBytes, recordBatch) * 1.5;
  let mostHeld = 0;
  let firstMemory = 0;
  let mostMemory = 0;
  const finished = flow.outcomes();
  let done = false;
  void finished.then(() => {
    done = true;
  });
  while (!done) {
    mostHeld = Math.max(mostHeld, await metric(processor, 'xanes_in_work_scans'));
    const memory = residentBytes(processor.pid);
    firstMemory ||= memory;
    mostMemory = Math.max(mostMemory, memory);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { lost, doubled } = await finished;
  expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
  expect(mostHeld).toBeGreaterThan(0);
  expect(mostHeld).toBeLessThan(bound);
  expect(bound).toBeLessThan(COUNT / 3); // else the test could not fail
  expect(mostMemory - firstMemory).toBeLessThan(150e6);
});

describe('a lone scan', () => {
  test.each([
    { budgetMs: 0, least: 0, within: '0.2' },
    { budgetMs: 700, least: 0.69, within: '1' },
  ])('waits for company for $budgetMs ms and no longer', async ({ budgetMs, least, within }) => {
    flow = await startFlow(brokers);
    const processor = await start({ BATCH_MAX_WAIT_MS: String(budgetMs) });
    for (let i = 0; i < 5; i += 1) {
      await flow.publish(scans(1, i));
      await until(() => flow.seen() === i + 1);
    }
    // Each was a batch of its own, and left it at its budget: on a busy machine some later, never by another wait.
    expect(await metric(processor, 'xanes_batch_size_sum')).toBe(5);
    expect(await metric(processor, 'xanes_batch_size_count')).toBe(5);
    const meanWait = (await metric(processor, 'xanes_batch_wait_seconds_sum')) / 5;
    expect(meanWait).toBeGreaterThanOrEqual(least);
    const inTime = await metric(processor, 'xanes_batch_wait_seconds_bucket', `le="${within}"`); // s
    expect(inTime).toBeGreaterThanOrEqual(3);
    const { descriptors } = await flow.outcomes();
    for (const { times } of descriptors) {
      expect(times.publishedAt - times.receivedAt).toBeGreaterThanOrEqual(least * 1e6);
    }
  });
});

test('health, readiness and metrics are served, and say what is going on', async () => {
  flow = await startFlow(brokers);
  const processor = await start();
  const url = addressOf(processor);
  await until(async () => (await fetch(`${url}/readyz`)).status === 200);
  const ready = await fetch(`${url}/readyz`);
  expect(await ready.json()).toMatchObject({
    ok: true,
    assigned: expect.arrayContaining([0, 1, 2, 3]),
    model: {
      id: expect.any(String),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      engine: expect.any(String),
    },
  });
  const health = await fetch(`${url}/healthz`);
  expect([health.status, await health.json()]).toEqual([
    200,
    { ok: true, oldestBatchMs: 0, eventLoopStillMs: expect.any(Number) },
  ]);
  expect((await fetch(`${url}/elsewhere`)).status).toBe(404);

  await flow.publish(scans(20));
  await flow.publishMessages([{ key: 'k', value: 'not a scan' }]);
  await flow.outcomes();
  let text = '';
  // What the broker has committed is counted once its answer has come.
  await untilPasses(async () => {
    text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain('\nxanes_in_work_scans 0');
    expect(text).toContain('xanes_scans_total{outcome="descriptors"} 20');
    expect(text).toContain('xanes_scans_total{outcome="dead-letter"} 1');
    for (const [, lag] of text.matchAll(/xanes_lag_records\{partition="\d"\} (\d+)/g)) expect(lag).toBe('0');
  });
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/text\/plain/);
  expect(text).toContain('xanes_dead_letters_total{reason="malformed-avro"} 1');
  expect(text).toMatch(/xanes_verdicts_total\{descriptor="OS",verdict="(ACCEPT|FLAG|REJECT)"\} \d+/);
  expect(text).toMatch(/xanes_advice_total\{advice="\w+"\} \d+/);
  expect(text).toMatch(/xanes_lag_records\{partition="\d"\} 0/);
  for (const stage of ['prepare', 'predict', 'commit']) {
    expect(text).toContain(`xanes_stage_seconds_count{stage="${stage}"}`);
  }
  for (const name of ['batch_size', 'batch_wait_seconds', 'latency_seconds'])
    expect(text).toContain(`xanes_${name}_bucket`);
  for (const name of ['fenced_total', 'retries_total']) expect(text).toContain(`\nxanes_${name} 0`);
  expect(text).toContain('process_resident_memory_bytes');
});

test('a second processor shares the partitions out, and each serves on a port of its own', async () => {
  flow = await startFlow(brokers);
  await Promise.all([start(), start()]);
  const assigned = () => Promise.all(processors.map(assignedTo));
  await until(async () => (await assigned()).every(({ length }) => length === 2));
  await flow.publish(scans(100));
  const { lost, doubled } = await flow.outcomes();
  expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
});

async function assignedTo(processor: RunningProcess): Promise<readonly number[]> {
  const ready = (await (await fetch(`${addressOf(processor)}/readyz`)).json()) as { assigned: number[] };
  return ready.assigned;
}

const residentBytes = (pid: number) =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
