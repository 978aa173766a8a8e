import { spawn } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openBundle } from '../../src/bundle/bundle.ts';
import { systemClock } from '../../src/common/clock.ts';
import { kafkaClient } from '../../src/consumers/kafka-client.ts';
import { partitionFetcher } from '../../src/consumers/partition-fetcher.ts';
import { readPartition } from '../../src/consumers/read-partition.ts';
import type { SourceRecord } from '../../src/messages/record.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { createTopics } from '../../src/producers/create-topics.ts';
import { decodeDeadLetter } from '../../src/wire/dead-letter-codec.ts';
import { decodeDescriptors } from '../../src/wire/descriptors-codec.ts';
import type { WireDescriptors } from '../../src/wire/generated.ts';
import { ROOT } from '../docs/documents.ts';
import { exampleScan } from '../faults/scans.ts';
import { type Flow, startFlow } from './flow.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
const folder = mkdtempSync(join(tmpdir(), 'reprocess-'));
/** The same answers under another name: one byte more in the file that names the bundle's files. */
const otherModel = join(folder, 'other');
/** Ends what would wait for ever; no measure of speed. */
const WITHIN_MS = 600_000;
const PARTITIONS = 2;
/** More than go into one transaction. */
const SCANS = 700;

let flow: Flow;
const fetcher = partitionFetcher(kafkaClient({ brokers, clientId: 'reprocess-test' }), Date.now);

const ofRun = (sequence: number): Scan => ({
  ...exampleScan(`sample-${sequence % 7}`, sequence),
  runId: sequence % 10 === 0 ? 'run-2' : 'run-1',
});
const scans = Array.from({ length: SCANS }, (_, i) => ofRun(i));
const idsOf = (runId: string) => scans.filter((scan) => scan.runId === runId).map(({ scanId }) => scanId);
const dead = (): Scan => {
  const scan = { ...exampleScan('sample-0', SCANS), runId: 'run-1', scanId: 'dead' };
  return { ...scan, mu: scan.mu!.map(() => 1) };
};

beforeAll(async () => {
  cpSync(join(ROOT, 'models/spt'), otherModel, { recursive: true });
  appendFileSync(join(otherModel, 'bundle.json'), '\n');
  flow = await startFlow(brokers, { partitions: PARTITIONS });
  await flow.publish([...scans, dead()]);
  const processor = await flow.start();
  await flow.outcomes();
  await processor.stop();
}, WITHIN_MS);

afterAll(async () => {
  await Promise.all([flow?.close(), fetcher.close()]);
  rmSync(folder, { recursive: true });
});

async function run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn('node', ['--import', 'tsx', program, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...flow.env, ...env },
  });
  const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal })),
  );
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { ...(await exit), out, err };
}

const reprocessed = (...args: readonly string[]) => run('src/bin/reprocess.ts', args);

/** What a read_committed reader sees of a topic. */
async function recordsOf(topic: string): Promise<readonly SourceRecord[]> {
  const records: SourceRecord[] = [];
  for (const partition of await fetcher.partitions(topic))
    await readPartition({
      ...{ fetcher, topic, partition, nowMs: Date.now, sleep: systemClock.sleep },
      // Without the empty ones that flow.outcomes() puts behind the others.
      onRecords: (some) => void records.push(...some.filter(({ value }) => value!.length > 0)),
    });
  return records;
}

const eventsOf = async (topic: string) =>
  (await recordsOf(topic)).map(({ value, headers }) => decodeDescriptors(value!, headers));

/** Where the live topics and the live group stand. */
async function liveState() {
  const admin = flow.kafka.admin();
  await admin.connect();
  try {
    const { TOPIC_DESCRIPTORS, TOPIC_DEAD_LETTERS, TOPIC_RUN_REFERENCES, KAFKA_GROUP, TOPIC_SCANS } =
      flow.env;
    return {
      ends: await Promise.all(
        [TOPIC_DESCRIPTORS!, TOPIC_DEAD_LETTERS!, TOPIC_RUN_REFERENCES!].map((topic) =>
          admin.fetchTopicOffsets(topic),
        ),
      ),
      committed: await admin.fetchOffsets({ groupId: KAFKA_GROUP!, topics: [TOPIC_SCANS!] }),
    };
  } finally {
    await admin.disconnect();
  }
}

describe('npm run reprocess', () => {
  test(
    'a run by another model, once each, though killed; the live topics stay as they are',
    async () => {
      const to = `again-${flow.env.KAFKA_GROUP}`;
      const before = await liveState();
      const options = JSON.stringify({ to, run: 'run-1', modelDir: otherModel });
      const faults = { OPTIONS: options, FAULT_KILL_AT: '2' };
      expect(await run('test/faults/reprocess-worker.ts', [], faults)).toMatchObject({ signal: 'SIGKILL' });
      const seen = (await recordsOf(to)).length;
      const wanted = idsOf('run-1');
      expect(seen).toBeGreaterThan(0);
      expect(seen).toBeLessThan(wanted.length);

      const done = await reprocessed('--to', to, '--model', otherModel, '--run', 'run-1');
      expect(done).toMatchObject({ code: 0 });
      const rest = wanted.length - seen;
      const { hash } = openBundle(otherModel);
      expect(done.out).toBe(`${rest} events and 1 dead letters by ${hash.slice(0, 12)} in ${to}\n`);
      const events = await eventsOf(to);
      expect(events.map(({ scanId }) => scanId).sort()).toEqual([...wanted].sort());
      expect(new Set(events.map(({ model }) => model.hash))).toEqual(new Set([hash]));

      const records = [...(await recordsOf(to)), ...(await recordsOf(`${to}.dead-letters`))];
      expect(new Set(records.map(({ headers }) => headers.reprocess?.toString()))).toEqual(
        new Set([expect.stringMatching(/^[0-9a-f]{16}$/)]),
      );
      const letters = (await recordsOf(`${to}.dead-letters`)).map(({ value }) => decodeDeadLetter(value!));
      expect(letters.map(({ scanId, reason }) => [scanId, reason])).toEqual([['dead', 'dead-channel']]);
      expect(await liveState()).toEqual(before);

      // The same network under another name: each scan is told what it was told then, in other batches and to 1e-3.
      const then = new Map(
        (await eventsOf(flow.env.TOPIC_DESCRIPTORS!)).map((event) => [event.scanId, event]),
      );
      const verdicts = ({ descriptors, means }: WireDescriptors) =>
        [...descriptors, ...means].map(({ name, verdict }) => [name, verdict]);
      for (const event of events) {
        const before = then.get(event.scanId)!;
        expect(event.source).toEqual(before.source);
        expect(verdicts(event)).toEqual(verdicts(before));
        for (const [i, { value }] of event.means.entries())
          expect(value).toBeCloseTo(before.means[i]!.value, 3);
        expect(event.change?.since).toBe(before.change?.since);
      }
      const again = await reprocessed('--to', to, '--model', otherModel, '--run', 'run-1');
      expect(again).toMatchObject({ code: 0, out: expect.stringMatching(/^0 events and 0 dead letters/) });
    },
    WITHIN_MS,
  );

  test(
    'offsets of a partition, and no others',
    async () => {
      const to = `offsets-${flow.env.KAFKA_GROUP}`;
      expect(await reprocessed('--to', to, '--offsets', '1:5-15')).toMatchObject({ code: 0 });
      const places = (await eventsOf(to)).map(({ source }) => [source.partition, source.offset]);
      expect(places.sort((a, b) => a[1]! - b[1]!)).toEqual(Array.from({ length: 10 }, (_, i) => [1, 5 + i]));
      // Another range, or another model, would mix with these.
      for (const other of [
        await reprocessed('--to', to, '--offsets', '1:5-16'),
        await run('src/bin/reprocess.ts', ['--to', to, '--offsets', '1:5-15'], { LEAST_TRUST: '0.98' }),
      ])
        expect(other).toMatchObject({
          code: 1,
          err: expect.stringMatching(/holds those of another range, model or LEAST_TRUST\n$/),
        });
    },
    WITHIN_MS,
  );

  test(
    'events that their topic does not take are counted as the dead letters that they became',
    async () => {
      const to = `small-${flow.env.KAFKA_GROUP}`;
      await createTopics(flow.kafka, [to], PARTITIONS, { 'max.message.bytes': '1000' });
      const done = await reprocessed('--to', to, '--run', 'run-2');
      const count = idsOf('run-2').length;
      expect(done.out).toMatch(new RegExp(`^0 events and ${count} dead letters by`));
      const letters = (await recordsOf(`${to}.dead-letters`)).map(({ value }) => decodeDeadLetter(value!));
      expect(letters.map(({ reason }) => reason)).toEqual(Array(count).fill('result-too-large'));
    },
    WITHIN_MS,
  );

  test(
    'refuses to write where others write',
    async () => {
      const before = await liveState();
      const { TOPIC_DESCRIPTORS } = flow.env;
      const elsewhere = { TOPIC_DESCRIPTORS: `elsewhere-${flow.env.KAFKA_GROUP}` };
      for (const [args, env, code, sentence] of [
        [
          ['--to', TOPIC_DESCRIPTORS!],
          {},
          1,
          /^Expected --to to name a topic of its own, .* is TOPIC_DESCRIPTORS$/,
        ],
        // One that this configuration does not know as the live topic.
        [
          ['--to', TOPIC_DESCRIPTORS!],
          elsewhere,
          1,
          /^Expected --to to name a topic that is empty, .* holds other events$/,
        ],
        [['--to', 'x', '--offsets', 'all'], {}, 2, /^Expected --offsets to be like 0:100-200, got all/],
      ] as const) {
        const result = await run('src/bin/reprocess.ts', args, env);
        expect({ args, code: result.code, lines: result.err.trim().split('\n') }).toEqual({
          ...{ args, code },
          lines: [expect.stringMatching(sentence)],
        });
      }
      expect(await liveState()).toEqual(before);
    },
    WITHIN_MS,
  );
});
