import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileOptions } from '../../../demo/replay/file-options.ts';
import { quietKafkaClient } from '../../../demo/services/kafka-client.ts';
import { startProcess, typescript } from '../../../demo/services/start-process.ts';
import { temporaryFolder } from '../../../demo/services/temporary-folder.ts';
import { flatHeaders } from '../../../src/consumers/fetched-records.ts';
import { isReject } from '../../../src/messages/reject.ts';
import type { Scan } from '../../../src/messages/scan.ts';
import { createTopics } from '../../../src/producers/create-topics.ts';
import { decodeScan } from '../../../src/wire/scan-codec.ts';
import { exampleScan } from '../../faults/scans.ts';
import { until } from '../../until.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!;
const kafka = quietKafkaClient(brokers.split(','));
const folder = temporaryFolder('replayed-files');
afterAll(() => folder.remove());

beforeAll(() => {
  const lines = [0, 1, 2].map((sequence) => {
    const { energyEv, mu, metadata } = exampleScan('cell', sequence);
    const named = { id: `line ${sequence}`, element: 'Co', runId: 'charge', sampleId: 'cell', metadata };
    return JSON.stringify({ ...named, energyEv: [...energyEv], mu: [...mu!] });
  });
  writeFileSync(join(folder.path, 'series.jsonl'), lines.join('\n'));
  writeFileSync(join(folder.path, 'broken.xdi'), '# XDI/1.0\n# no element\n');
});

/** What `npm run replay` published of the files, and what it said. */
async function replayed(...flags: string[]): Promise<{ scans: Scan[]; output: string }> {
  const topic = `replay-${randomUUID()}`;
  const runsTopic = `${topic}-runs`;
  await createTopics(kafka, [topic, runsTopic], 1);
  const files = [folder.path, 'test/formats/bug-cases/dark-fluorescence-beside-mutrans.xdi'];
  const replay = await startProcess('replay', {
    ...typescript('demo/replay.ts', [...files, '--rate', '50', ...flags]),
    env: { KAFKA_BROKERS: brokers, TOPIC_SCANS: topic, TOPIC_RUNS: runsTopic },
  });
  const { code } = await replay.exited;
  if (code !== 0) throw new Error(replay.output());
  const count = Number(/(\d+) scans published/.exec(replay.output())![1]);
  const scans: Scan[] = [];
  const reader = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 100 });
  await reader.connect();
  await reader.subscribe({ topics: [topic], fromBeginning: true });
  await reader.run({
    eachMessage: async ({ partition, message }) => {
      const { key, value } = message;
      const place = { topic, partition, offset: BigInt(message.offset), timestampMs: 0, receivedAtMs: 0 };
      const scan = decodeScan({ ...place, key, value, headers: flatHeaders(message.headers) });
      if (isReject(scan)) throw new Error(scan.detail);
      scans.push(scan);
    },
  });
  await until(() => scans.length === count);
  await reader.disconnect();
  return { scans, output: replay.output() };
}

describe('npm run replay of files', () => {
  test('publishes every scan of every format once, by the signal that can be read, and names what is none', async () => {
    const { scans, output } = await replayed();
    expect(scans).toMatchObject([
      ...[0, 1, 2].map((sequence) => ({
        ...{ sequence, sampleId: 'cell', element: 'Co', origin: 'REPLAY' },
        metadata: { 'energy.scale': 'feff10', 'replay.id': `line ${sequence}` },
      })),
      { sequence: 3, element: 'Ni', mode: 'TRANSMISSION', beamline: expect.any(String) },
    ]);
    expect(scans[0]!.runId).toMatch(/^replay-.*-seed1-charge$/);
    expect(new Set(scans.map(({ scanId }) => scanId)).size).toBe(4);
    for (const [i, { endedAtMs }] of scans.entries())
      expect(endedAtMs - scans[0]!.endedAtMs).toBeCloseTo(20 * i, -1);
    expect(output).toMatch(/broken\.xdi.*Expected/);
  });

  test('in another order, early and late, as live', async () => {
    const { scans } = await replayed('--order', 'reversed', '--jitter', '1', '--live');
    expect(scans.map(({ element, origin, metadata }) => [element, origin, metadata['replay.id']])).toEqual([
      ['Ni', 'LIVE', undefined],
      ...['line 2', 'line 1', 'line 0'].map((id) => ['Co', 'LIVE', id]),
    ]);
    const ends = scans.map(({ endedAtMs }) => endedAtMs);
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));
  });

  test.each([
    [['f', '--order', 'sideways'], /--order to be given, reversed, shuffled, got sideways/],
    [['f', '--jitter', '2'], /--jitter to be from 0 to 1, got 2/],
    [['f', '--rate', '0'], /--rate to be a number > 0/],
    [['f', '--offset', 'much'], /--offset to be a number of eV, got much/],
    [['f', '--scans', '3'], /Unknown option '--scans'/],
  ])('%j is refused by name', (args, message) => {
    expect(() => readFileOptions(args)).toThrow(message);
  });

  test.each([
    [['--model', 'spt'], { MODEL_FILE: '/none' }, /Expected KAFKA_BROKERS/],
    [['--model', 'none@00000000'], {}, /none@00000000/],
    [[], { MODEL_FILE: '/none' }, /Expected MODEL_FILE to name a file/],
    [[], { MODEL: 'none@00000000' }, /none@00000000/],
  ])('the model is the one that %j and %j name', async (flags, env, message) => {
    const replay = await startProcess('replay', {
      ...typescript('demo/replay.ts', [folder.path, ...flags]),
      env: { KAFKA_BROKERS: '127.0.0.1:1', MODEL_REGISTRY: folder.path, ...env },
    });
    expect((await replay.exited).code).toBe(1);
    expect(replay.output()).toMatch(message);
  });

  test('without files it is the experiment', () => {
    expect(readFileOptions(['--rate', '5', '--scans', '30'])).toBeNull();
  });
});
