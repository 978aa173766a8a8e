import { afterEach, expect, test } from '@jest/globals';
import type { RunningProcess } from '../../demo/services/start-process.ts';
import { exampleScan } from '../faults/scans.ts';
import { hostileCorpus } from '../hostile/corpus.ts';
import { type Flow, metric, startFlow } from './flow.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
let flow: Flow | undefined;
let processor: RunningProcess | undefined;
afterEach(async () => {
  await processor?.stop();
  await flow?.close();
});

test('every hostile record becomes one dead letter with its bytes, and good scans pass before and after', async () => {
  // One partition: that the good scan behind a hostile record came out shows that the record did not stop the flow.
  flow = await startFlow(brokers, { partitions: 1 });
  const corpus = hostileCorpus();
  await flow.publish([exampleScan('good', 0)]);
  for (const [i, { key, value, headers }] of corpus.entries()) {
    await flow.publishMessages([{ key, value, headers: { ...headers, case: Buffer.from(String(i)) } }]);
    await flow.publish([exampleScan('good', i + 1)]);
  }
  processor = await flow.start();
  const { descriptors, deadLetters, lost, doubled } = await flow.outcomes();

  expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
  const good = descriptors.filter(({ sampleId }) => sampleId === 'good');
  expect(good.map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: corpus.length + 1 }, (_, i) => i),
  );
  for (const [i, hostile] of corpus.entries()) {
    const offset = 2 * i + 1; // good scans lie at the even offsets
    const deadLetter = deadLetters.find(({ source }) => source.offset === offset);
    const became =
      deadLetter?.reason ?? descriptors.find(({ source }) => source.offset === offset) ?? 'nothing';
    expect([hostile.name, typeof became === 'string' ? became : 'descriptors']).toEqual([
      hostile.name,
      hostile.becomes,
    ]);
    if (deadLetter === undefined) continue;
    expect(deadLetter.value?.equals(hostile.value!) ?? hostile.value === null).toBe(true);
    expect(deadLetter.key?.equals(hostile.key!) ?? hostile.key === null).toBe(true);
    expect(deadLetter.headers.case?.toString()).toBe(String(i));
    expect(deadLetter.detail).toMatch(hostile.says ?? /^Expected /);
  }
  expect(await metric(processor, 'xanes_dead_letters_total', 'reason="malformed-avro"')).toBe(
    corpus.filter(({ becomes }) => becomes === 'malformed-avro').length,
  );
  expect(await metric(processor, 'xanes_retries_total')).toBe(0);
}, 120_000);

test('what is larger than its topic takes leaves a dead letter that says where the bytes lie', async () => {
  flow = await startFlow(brokers, { partitions: 1, outputSettings: { 'max.message.bytes': '100000' } });
  const talkative = { 'energy.scale': 'feff10', log: 'x'.repeat(300_000) };
  await flow.publish([exampleScan('good', 0)]);
  await flow.publishMessages([{ key: 'k', value: Buffer.alloc(900_000, 0xff) }]);
  await flow.publish([{ ...exampleScan('talkative', 0), metadata: talkative }, exampleScan('good', 1)]);
  processor = await flow.start();
  const { descriptors, deadLetters, lost, doubled } = await flow.outcomes();
  expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
  expect(descriptors.map(({ sequence }) => sequence)).toEqual([0, 1]);
  const { TOPIC_SCANS } = flow.env;
  expect(deadLetters).toMatchObject([
    { reason: 'malformed-avro', value: null, source: { offset: 1 }, scanId: null },
    { reason: 'result-too-large', value: null, source: { offset: 2 }, scanId: 'talkative/0' },
  ]);
  expect(deadLetters.map(({ detail }) => detail)).toEqual([
    expect.stringMatching(
      `its 900000 bytes are at offset 1 of ${TOPIC_SCANS}/0 alone\\. Expected 900000 bytes to decode`,
    ),
    expect.stringMatching(`at offset 2 of ${TOPIC_SCANS}/0 alone\\. Expected descriptors of less than`),
  ]);
}, 120_000);

test('a batch whose results are more than the broker takes in one request comes out whole', async () => {
  // The broker's default of 1 MB, which descriptors and dead letters of one fetched batch exceed together.
  flow = await startFlow(brokers, { partitions: 1, outputSettings: { 'max.message.bytes': '1048588' } });
  const scans = Array.from({ length: 900 }, (_, i) => exampleScan('one-sample', i));
  await flow.publish(scans.slice(0, 450));
  await flow.publish(scans.slice(450));
  processor = await flow.start({ KAFKA_FETCH_BYTES: String(16 * 1024 * 1024) });
  const { descriptors, lost, doubled } = await flow.outcomes();
  expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
  expect(descriptors.map(({ sequence }) => sequence)).toEqual(scans.map(({ sequence }) => sequence));
  expect(await metric(processor, 'xanes_retries_total')).toBe(0);
}, 120_000);

test.each(['gzip', 'snappy', 'lz4', 'zstd'])(
  'scans that the broker holds compressed by %s are read',
  async (codec) => {
    flow = await startFlow(brokers, { partitions: 1, scanSettings: { 'compression.type': codec } });
    const scans = Array.from({ length: 40 }, (_, i) => exampleScan('compressed', i));
    await flow.publish(scans);
    processor = await flow.start();
    const { descriptors, lost, doubled } = await flow.outcomes();
    expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
    expect(descriptors.map(({ scanId }) => scanId)).toEqual(scans.map(({ scanId }) => scanId));
  },
  60_000,
);
