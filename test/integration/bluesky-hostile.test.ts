import { afterEach, expect, test } from '@jest/globals';
import { encode } from '@msgpack/msgpack';
import { createProducer, quietKafkaClient } from '../../demo/services/kafka-client.ts';
import type { RunningProcess } from '../../demo/services/start-process.ts';
import { runOf, start } from '../bluesky/documents.ts';
import { until, untilPasses } from '../until.ts';
import { type BlueskyFlow, startBlueskyFlow } from './bluesky-flow.ts';
import { metric } from './flow.ts';

const brokers = process.env.KAFKA_BROKERS_TEST!.split(',');
/** Ends what would wait for ever; no measure of speed. */
const WITHIN_MS = 600_000;
const POINTS = 25;

const mapping = {
  ...{ beamline: 'SIM-XAS', energy: 'energy', i0: 'i0', it: 'it', element: 'start.element' },
  run: ['start.group', 'start.uid'],
  last: { 'start.plan_name': ['list_scan'] },
  metadata: { group: 'start.group' },
  stopSeconds: 120,
};

let flow: BlueskyFlow | undefined;
let service: RunningProcess | undefined;
afterEach(async () => {
  await service?.stop();
  await flow?.close();
});

test(
  'what cannot be published of a run is a dead letter each, and the runs behind it come out',
  async () => {
    flow = await startBlueskyFlow(brokers, { mapping, partitions: 1, sessionTimeoutMs: 3000 });
    // A name of 600 kB stands twice in the scan, and twice in the end of the run: in the record's key, too.
    const absurd = start({ element: 'Fe', group: 'x'.repeat(600_000) }, 'absurd');
    const beyond = start({ element: 'Fe', scan_id: Number.MAX_SAFE_INTEGER }, 'beyond');
    const documents = [
      ...[absurd, ...runOf(POINTS, 'absurd').slice(1)],
      ...[beyond, ...runOf(POINTS, 'beyond').slice(1)],
      ...runOf(POINTS, 'sound'),
    ];
    const producer = createProducer(quietKafkaClient(brokers));
    await producer.connect();
    const messages = documents.map((document) => ({ value: Buffer.from(encode(document)) }));
    await producer.send({ topic: flow.topics.TOPIC_BLUESKY, messages });
    await producer.disconnect();
    service = await flow.start();
    const { scans, runs, deadLetters } = flow;
    await until(() => scans.length >= 2 && runs.length >= 2 && deadLetters.length >= 2, WITHIN_MS);
    expect(scans.map(({ scanId, sequence }) => [scanId, sequence])).toEqual([
      ['beyond', 0],
      ['sound', 7],
    ]);
    expect(runs.map(({ runId, state }) => [runId, state])).toEqual([
      ['beyond', 'ENDED'],
      ['sound', 'ENDED'],
    ]);
    expect(deadLetters.map(({ reason, detail }) => [reason, detail])).toEqual([
      ['result-too-large', expect.stringMatching(/^Expected a scan of less than \d+ bytes, got \d+$/)],
      ['result-too-large', expect.stringMatching(/^Expected the start or the end of a run of less than/)],
    ]);
    const counted = ['scans', 'runs', 'dead_letters'].map((what) => `xanes_bluesky_${what}_total`);
    // Counted once the broker's answer to the commit has come.
    await untilPasses(async () =>
      expect(await Promise.all(counted.map((name) => metric(service!, name)))).toEqual([2, 2, 2]),
    );
  },
  WITHIN_MS,
);
