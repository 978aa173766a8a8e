import { afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import kafkajs, { type IHeaders } from 'kafkajs'; // Node sees only some of its names
import type { RunningProcess } from '../../demo/services/start-process.ts';
import { type FaultRun, recordFault } from '../faults/record-fault.ts';
import { exampleScan } from '../faults/scans.ts';
import { anyRecordValue } from '../hostile/any-record-value.ts';
import { hostileCorpus } from '../hostile/corpus.ts';
import { until, untilPasses } from '../until.ts';
import { type Flow, memoryMb, metric, type Outcomes, startFlow } from './flow.ts';
import { publishByLibrdkafka } from './publish-by-librdkafka.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
const { CompressionTypes } = kafkajs;
let flow: Flow | undefined;
let processor: RunningProcess | undefined;
afterEach(async () => {
  await processor?.stop();
  await flow?.close();
});

/** The control of these: what is refused is passed over, below. */
async function record(
  fault: string,
  faults: number,
  outcomes: Outcomes,
  more: Partial<FaultRun> = {},
): Promise<void> {
  const { descriptors, deadLetters, lost, doubled } = outcomes;
  recordFault({
    fault,
    expected: 'holds',
    scans: descriptors.length + deadLetters.length,
    faults,
    lost: lost.length,
    doubled: doubled.length,
    memoryMb: await memoryMb(processor!),
    ...more,
  });
}

test('every hostile record becomes one dead letter with its bytes, and good scans pass before and after', async () => {
  // One partition: that the good scan behind a hostile record came out shows that the record did not stop the flow.
  flow = await startFlow(brokers, { partitions: 1 });
  const corpus = hostileCorpus();
  await flow.publish([exampleScan('good', 0)]);
  for (const [i, { key, value, headers }] of corpus.entries()) {
    const caseOf = { ...headers, case: Buffer.from(String(i)) };
    if (Object.values(headers).flat().includes(null))
      await publishByLibrdkafka(brokers, flow.env.TOPIC_SCANS!, { key, value, headers: caseOf });
    else await flow.publishMessages([{ key, value, headers: caseOf as IHeaders }]);
    await flow.publish([exampleScan('good', i + 1)]);
  }
  processor = await flow.start();
  const outcomes = await flow.outcomes();
  const { descriptors, deadLetters, lost, doubled } = outcomes;
  await record('each record of the hostile corpus, between good scans', corpus.length, outcomes);
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
  // Counted once the broker's answer to the commit has come.
  const malformed = corpus.filter(({ becomes }) => becomes === 'malformed-avro').length;
  await untilPasses(async () =>
    expect(await metric(processor!, 'xanes_dead_letters_total', 'reason="malformed-avro"')).toBe(malformed),
  );
  expect(await metric(processor, 'xanes_retries_total')).toBe(0);
});

test.each(['gzip', 'snappy', 'lz4', 'zstd'])(
  'records that are a hundred times larger than by %s on the wire leave their place behind, and good scans pass',
  async (codec) => {
    flow = await startFlow(brokers, {
      partitions: 1,
      scanSettings: { 'max.message.bytes': '10000000', 'compression.type': codec },
    });
    await flow.publish([exampleScan('good', 0)]);
    // The broker packs anew, by the codec of the topic.
    const bomb = { key: 'k', value: Buffer.alloc(60 * 1024 * 1024) };
    await flow.publishMessages([bomb], CompressionTypes.GZIP);
    const large = { key: 'k', value: Buffer.alloc(14 * 1024 * 1024) };
    for (let i = 0; i < 8; i += 1) await flow.publishMessages([large], CompressionTypes.GZIP);
    await flow.publish([exampleScan('good', 1)]);
    processor = await flow.start({ KAFKA_FETCH_BYTES: String(10 * 1024 * 1024) });
    const outcomes = await flow.outcomes();
    const { descriptors, deadLetters, lost, doubled } = outcomes;
    await record(`records a hundred times larger than on the wire, by ${codec}`, 9, outcomes);
    expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
    expect(descriptors.map(({ sequence }) => sequence)).toEqual([0, 1]);
    expect(deadLetters.map(({ reason, value }) => [reason, value])).toEqual([
      ['not-unpacked', null],
      ...Array.from({ length: 8 }, () => ['malformed-avro', null]),
    ]);
    expect(deadLetters[0]!.detail).toMatch(
      /at most 16777216 bytes when it is unpacked\. It is at offset 1 of/,
    );
    expect(deadLetters[8]!.detail).toMatch(/its 14680064 bytes are at offset 9 of/);
    expect(await memoryMb(processor)).toBeLessThan(600);
    expect(await metric(processor, 'xanes_retries_total')).toBe(0);
  },
  600_000,
);

/** As the broker stores what comes: as it was sent, plain or by gzip, or packed anew. */
const CODECS = ['producer', 'snappy', 'lz4', 'zstd'];

async function setTopic(name: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const admin = flow!.kafka.admin();
  await admin.connect();
  const configEntries = Object.entries(settings).map(([setting, value]) => ({ name: setting, value }));
  const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name, configEntries }];
  await admin.alterConfigs({ validateOnly: false, resources });
  await admin.disconnect();
}

/** Records of any bytes by every codec, with good scans among them; what came out. */
async function fuzz(runs: number, env: Readonly<Record<string, string>> = {}) {
  flow = await startFlow(brokers, { partitions: 2 });
  processor = await flow.start(env, 'test/faults/worker.ts');
  const values = fc.sample(anyRecordValue, { seed: 1, numRuns: runs });
  const sent = [CompressionTypes.None, CompressionTypes.GZIP];
  let good = 0;
  for (let from = 0; from < runs; from += 40) {
    const codec = CODECS[Math.floor((from / runs) * CODECS.length)]!;
    if (codec !== CODECS[Math.floor(((from - 40) / runs) * CODECS.length)])
      await setTopic(flow.env.TOPIC_SCANS!, { 'compression.type': codec });
    const messages = values
      .slice(from, from + 40)
      .map((value, i) => ({ key: i % 3 ? String(i) : null, value }));
    await flow.publishMessages(messages, sent[(from / 40) % sent.length]);
    await flow.publish([exampleScan('good', good++), exampleScan('good', good++)]);
  }
  const { descriptors, deadLetters, lost, doubled } = await flow.outcomes();
  const sequences = descriptors.filter(({ sampleId }) => sampleId === 'good').map(({ sequence }) => sequence);
  const waits = descriptors
    .map(({ times }) => (times.publishedAt - times.receivedAt) / 1000)
    .sort((a, b) => a - b);
  const isControl = Object.keys(env).length > 0;
  const run = {
    fault: `${isControl ? 'control, what is refused is passed over: ' : ''}records of any bytes by all codecs among good scans`,
    expected: isControl ? ('fails' as const) : ('holds' as const),
    scans: runs + good,
    faults: runs,
    lost: lost.length,
    doubled: doubled.length,
    outOfOrder: sequences.filter((sequence, i) => sequence !== i).length,
    p99Ms: waits[Math.floor(0.99 * waits.length)]!,
    memoryMb: await memoryMb(processor),
  };
  recordFault(run);
  return {
    run,
    good: sequences.length,
    expectedGood: good,
    // A record may hold several scans.
    answered: new Set(
      [...descriptors, ...deadLetters].map(({ source }) => `${source.partition}/${source.offset}`),
    ).size,
  };
}

test('among thousands of records of any bytes, by all codecs, good scans come out, once and in order', async () => {
  const { run, good, expectedGood, answered } = await fuzz(Number(process.env.FUZZ_RUNS ?? 2000));
  expect(run).toMatchObject({ lost: 0, doubled: 0, outOfOrder: 0 });
  expect(answered).toBe(run.scans);
  expect(good).toBe(expectedGood);
  expect(await metric(processor!, 'xanes_retries_total')).toBe(0);
  expect(run.memoryMb).toBeLessThan(600);
}, 3_600_000);

test('the control: where what is refused is passed over, records are lost', async () => {
  const { run } = await fuzz(120, { FAULT_DEAD_LETTERS: 'skipped' });
  expect(run.lost).toBeGreaterThan(0);
}, 600_000);

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
  await untilPasses(async () =>
    expect(await metric(processor!, 'xanes_scans_total', 'outcome="dead-letter"')).toBe(2),
  );
}, 600_000);

/** What outputs take is made smaller while a processor runs, then come a hostile record and 100 good scans. */
async function withSmallerOutputs(env: Readonly<Record<string, string>> = {}) {
  flow = await startFlow(brokers, { partitions: 1, outputSettings: { 'max.message.bytes': '1000000' } });
  await flow.publish([exampleScan('good', 0)]);
  processor = await flow.start(env, 'test/faults/worker.ts');
  await until(() => flow!.seen() === 1);
  const { TOPIC_DESCRIPTORS, TOPIC_DEAD_LETTERS } = flow.env;
  for (const topic of [TOPIC_DESCRIPTORS!, TOPIC_DEAD_LETTERS!])
    await setTopic(topic, { 'max.message.bytes': '20000' });
  await flow.publishMessages([{ key: 'k', value: Buffer.alloc(300_000, 0xff) }]);
  await flow.publish(Array.from({ length: 100 }, (_, i) => exampleScan('good', i + 1)));
  const outcomes = await flow.outcomes();
  const isControl = Object.keys(env).length > 0;
  const retries = await metric(processor, 'xanes_retries_total');
  const more = { retries, ...(isControl && { expected: 'fails' as const }) };
  const control = isControl ? 'control, nobody learns it: ' : '';
  await record(`${control}max.message.bytes of the outputs made smaller`, 1, outcomes, more);
  return { ...outcomes, retries };
}

test('what outputs take is made smaller while the processor runs: it learns it from the first refusal', async () => {
  const { descriptors, deadLetters, lost, doubled, retries } = await withSmallerOutputs();
  expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
  expect(descriptors.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 101 }, (_, i) => i));
  expect(deadLetters).toMatchObject([{ reason: 'malformed-avro', value: null }]);
  expect(retries).toBeLessThanOrEqual(2);
}, 600_000);

test('the control: where nobody learns it, batches are fetched again and again, until each record is alone', async () => {
  const { deadLetters, lost, retries } = await withSmallerOutputs({ FAULT_LIMITS: 'unlearned' });
  expect(lost).toEqual([]);
  expect(deadLetters).toMatchObject([{ reason: 'not-publishable', value: null }]);
  expect(retries).toBeGreaterThan(2);
}, 600_000);

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
}, 600_000);

test.concurrent.each(['gzip', 'snappy', 'lz4', 'zstd'])(
  'scans that the broker holds compressed by %s are read',
  async (codec) => {
    const own = await startFlow(brokers, { partitions: 1, scanSettings: { 'compression.type': codec } });
    const scans = Array.from({ length: 40 }, (_, i) => exampleScan('compressed', i));
    await own.publish(scans);
    const reader = await own.start();
    const { descriptors, lost, doubled } = await own.outcomes();
    await reader.stop();
    await own.close();
    expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
    expect(descriptors.map(({ scanId }) => scanId)).toEqual(scans.map(({ scanId }) => scanId));
  },
  600_000,
);
