import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import avro from 'avsc';
import type { RunningProcess } from '../../demo/services/start-process.ts';
import { exampleScan } from '../faults/scans.ts';
import { until } from '../until.ts';
import { type Flow, startFlow } from './flow.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
let flow: Flow;
let processor: RunningProcess | undefined;
afterEach(async () => {
  await processor?.stop();
  await flow.close();
});

/** Avro as any library does it, from the schema file alone: none of this project's codecs. */
const plain = (file: string) => avro.Type.forSchema(JSON.parse(readFileSync(`schemas/${file}`, 'utf8')));

test('a client that has only the schema files publishes scans and reads descriptors and dead letters', async () => {
  flow = await startFlow(brokers, { partitions: 1 });
  const { kafka, env } = flow;
  const fingerprints = JSON.parse(readFileSync('schemas/fingerprints.json', 'utf8'));
  const headers = {
    'content-type': 'application/avro',
    'schema-name': fingerprints['scan.v1.avsc'].name,
    'schema-fingerprint': fingerprints['scan.v1.avsc'].sha256,
  };
  const scanType = plain('scan.v1.avsc');
  const encoded = [0, 1, 2, 3].map((sequence) => {
    const { energyEv, mu, startedAtMs, endedAtMs, ...rest } = exampleScan('foreign', sequence);
    return scanType.toBuffer({
      ...rest,
      energyEv: [...energyEv],
      mu: [...mu!],
      startedAt: startedAtMs,
      endedAt: endedAtMs,
    });
  });
  await flow.publishMessages([
    ...encoded.map((value, i) => ({ key: 'foreign', value, ...(i % 2 === 0 && { headers }) })),
    { key: 'foreign', value: 'not a scan' },
  ]);
  processor = await flow.start();

  const descriptors: Record<string, unknown>[] = [];
  const deadLetters: Record<string, unknown>[] = [];
  const seenHeaders: Record<string, string>[] = [];
  const reader = kafka.consumer({ groupId: `${env.KAFKA_GROUP}-foreign` });
  await reader.connect();
  await reader.subscribe({ topics: [env.TOPIC_DESCRIPTORS!, env.TOPIC_DEAD_LETTERS!], fromBeginning: true });
  const types = {
    [env.TOPIC_DESCRIPTORS!]: { type: plain('descriptors.v1.avsc'), into: descriptors },
    [env.TOPIC_DEAD_LETTERS!]: { type: plain('dead-letter.v1.avsc'), into: deadLetters },
  };
  await reader.run({
    eachMessage: async ({ topic, message }) => {
      types[topic]!.into.push(types[topic]!.type.fromBuffer(message.value!));
      seenHeaders.push(Object.fromEntries(Object.entries(message.headers!).map(([k, v]) => [k, String(v)])));
    },
  });
  await until(() => descriptors.length + deadLetters.length === encoded.length + 1);
  await reader.disconnect();

  expect(descriptors.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
  expect(descriptors[0]).toMatchObject({
    sampleId: 'foreign',
    element: 'Co',
    source: { topic: env.TOPIC_SCANS, partition: 0, offset: 0 },
    model: { hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    descriptors: expect.arrayContaining([
      expect.objectContaining({
        name: 'OS',
        kind: 'CLASS',
        verdict: expect.stringMatching(/ACCEPT|FLAG|REJECT/),
      }),
    ]),
  });
  expect(deadLetters).toMatchObject([{ reason: 'malformed-avro', value: Buffer.from('not a scan') }]);
  for (const [file, of] of [
    ['descriptors.v1.avsc', 'Descriptors'],
    ['dead-letter.v1.avsc', 'DeadLetter'],
  ] as const) {
    expect(seenHeaders).toContainEqual(
      expect.objectContaining({
        'content-type': 'application/avro',
        'schema-name': `xanes.v1.${of}`,
        'schema-fingerprint': fingerprints[file].sha256,
      }),
    );
  }
}, 600_000);
