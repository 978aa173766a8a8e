import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import { createProducer, quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { type RunningProcess, startProcess, typescript } from '../../demo/services/start-process.ts';
import { createTopics } from '../../src/producers/create-topics.ts';
import { encodeDescriptors } from '../../src/wire/descriptors-codec.ts';
import { exampleScan } from '../faults/scans.ts';
import { exampleJudged } from '../producers/example-outcomes.ts';
import { until } from '../until.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!;
const kafka = quietKafkaClient(brokers.split(','));
let agent: RunningProcess | undefined;
afterEach(() => agent?.stop());

type Result = {
  /** Mean oxidation state. */
  os: number;
  half?: number;
  verdict: 'ACCEPT' | 'FLAG';
  advice?: 'ACCEPT' | 'ACCUMULATE';
  origin?: 'LIVE' | 'REPLAY';
};

/** Bytes of a descriptor event of a live scan, published `ageMs` ago. */
function event(sampleId: string, sequence: number, result: Result, ageMs = 0): Buffer {
  const { os, half = 0.1, verdict, advice = 'ACCEPT', origin = 'LIVE' } = result;
  const judged = exampleJudged(0);
  const { judgement } = judged;
  // The class is accepted as +4 throughout: an agent that acted on it would stop everything.
  const site = {
    ...judgement.descriptors[0]!,
    name: 'OS' as const,
    value: 4,
    expected: 4,
    verdict: 'ACCEPT' as const,
  };
  const reason = verdict === 'ACCEPT' ? ('ok' as const) : ('no-standard' as const);
  const interval = { value: os, low: os - half, high: os + half, level: 0.9 };
  const means = [{ name: 'OS' as const, ...interval, verdict, reason, method: 'network' as const }];
  return encodeDescriptors(
    {
      ...judged,
      scan: { ...exampleScan(sampleId, sequence), origin },
      judgement: { ...judgement, advice, adviceReason: 'too noisy', descriptors: [site], means },
    },
    Date.now() - ageMs,
  );
}

test('acts on accepted means with a narrow interval alone, once, and asks for more scans', async () => {
  const id = randomUUID().slice(0, 8);
  const topic = `descriptors-${id}`;
  const requests = `requests-${id}`;
  await createTopics(quietKafkaClient([brokers]), [topic, requests], 1);
  const producer = createProducer(kafka);
  await producer.connect();
  const publish = (values: Buffer[]) =>
    producer.send({ topic, messages: values.map((value) => ({ key: 'k', value })) });
  await publish([
    ...[0, 1, 2].map((i) => event('old', i, { os: 4, verdict: 'ACCEPT' }, 3_600_000)),
    ...[0, 1, 2].map((i) => event('replayed', i, { os: 4, verdict: 'ACCEPT', origin: 'REPLAY' })),
    ...[0, 1, 2].map((i) => event('flagged', i, { os: 4, verdict: 'FLAG' })),
    ...[0, 1, 2].map((i) => event('wide', i, { os: 4, half: 0.4, verdict: 'ACCEPT' })),
    Buffer.from('not descriptors'),
    ...[3.4, 3.6, 3.7].map((os, i) => event('charging', i, { os, verdict: 'ACCEPT' })), // mean 3.57
    event('noisy', 0, { os: 3, verdict: 'FLAG', advice: 'ACCUMULATE' }),
    event('charging', 3, { os: 3.8, verdict: 'ACCEPT' }), // mean 3.7
    event('charging', 4, { os: 3.9, verdict: 'ACCEPT' }), // it was stopped
    event('last', 0, { os: 3, verdict: 'FLAG', advice: 'ACCUMULATE' }),
  ]);
  const args = ['--brokers', brokers, '--topic', topic, '--requests', requests, '--group', id];
  agent = await startProcess('lab agent', typescript('examples/lab-agent.ts', args));
  await until(() => agent!.output().includes('"last"'));
  const expected = [
    { request: 'more-scans', sampleId: 'noisy', because: 'too noisy', runId: 'run', scanId: 'noisy/0' },
    {
      request: 'stop-charging',
      sampleId: 'charging',
      meanOxidationState: {
        value: expect.closeTo(3.7),
        low: expect.closeTo(3.6),
        high: expect.closeTo(3.8),
      },
      scanId: 'charging/3',
    },
    { request: 'more-scans', sampleId: 'last' },
  ];
  const lines = agent
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{"request"'));
  expect(lines.map((line) => JSON.parse(line))).toMatchObject(expected);

  const published: unknown[] = [];
  const reader = kafka.consumer({ groupId: `reader-${id}` });
  await reader.connect();
  await reader.subscribe({ topic: requests, fromBeginning: true });
  await reader.run({
    eachMessage: async ({ message }) => void published.push(JSON.parse(String(message.value))),
  });
  await until(() => published.length === expected.length);
  expect(published).toMatchObject(expected);
  expect((await agent.stop()).code).toBe(0);
  await Promise.all([reader.disconnect(), producer.disconnect()]);
}, 60_000);
