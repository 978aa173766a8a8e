import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type KafkaService, startKafka } from '../../demo/services/start-kafka.ts';
import type { RunningProcess } from '../../demo/services/start-process.ts';
import { type Flow, metric, startFlow } from '../integration/flow.ts';
import { until } from '../until.ts';
import { forgetLastMarkers } from './forget-markers.ts';
import { recordFault } from './record-fault.ts';
import { exampleScan } from './scans.ts';

const BATCH = 20;

let kafka: KafkaService;
beforeAll(async () => {
  kafka = await startKafka();
}, 600_000);
afterAll(() => kafka?.close());

type Party = {
  readonly flow: Flow;
  readonly env: Readonly<Record<string, string>>;
  readonly processorIs: 'killed' | 'frozen';
  processor: RunningProcess;
  published: number;
};

async function party(
  processorIs: Party['processorIs'],
  env: Readonly<Record<string, string>> = {},
): Promise<Party> {
  const flow = await startFlow(kafka.brokers, { partitions: 1 });
  const processor = await flow.start(env, 'test/faults/worker.ts');
  return { flow, env, processorIs, processor, published: 0 };
}

async function publish(each: Party): Promise<void> {
  const scans = Array.from({ length: BATCH }, (_, i) => exampleScan('sample', each.published + i));
  each.published += scans.length;
  await each.flow.publish(scans);
}

const allSeen = (parties: readonly Party[]) =>
  until(() => parties.every(({ flow, published }) => flow.seen() >= published));

/**
 * Batches are committed, by the broker's own word, and the broker is killed before any partition was told of it and
 * forgets to when it is back; the processors are killed with it, or frozen until it is back. Where this is won as a
 * race: test/faults/long.
 */
async function forgetCommits(parties: readonly Party[]): Promise<void> {
  const committed = () => Promise.all(parties.map(({ processor }) => metric(processor, 'xanes_scans_total')));
  await until(async () => (await committed()).every((scans, i) => scans === parties[i]!.published));
  for (const { processor, processorIs } of parties)
    processor.signal(processorIs === 'frozen' ? 'SIGSTOP' : 'SIGKILL');
  await kafka.kill();
  const topics = parties.map(({ flow }) => flow.env.TOPIC_DESCRIPTORS!);
  expect(forgetLastMarkers(kafka.dataFolder, topics)).toBe(2 * parties.length); // in the topic, and of its offsets
  await kafka.restart('SIGKILL', 0);
  for (const each of parties) {
    if (each.processorIs === 'frozen') each.processor.signal('SIGCONT');
    else each.processor = await each.flow.start(each.env, 'test/faults/worker.ts');
  }
}

test('a broker that was killed and forgets to tell partitions that a transaction was committed', async () => {
  const parties = await Promise.all([
    party('frozen'),
    party('killed'),
    party('killed', { FAULT_SETTLE: 'never' }), // the control: what hangs is done again, and then both are there
  ]);
  try {
    await Promise.all(parties.map(publish));
    await allSeen(parties);
    await Promise.all(parties.map(publish));
    await forgetCommits(parties);
    await allSeen(parties);
    await Promise.all(parties.map(publish));
    const faults = [];
    for (const { flow } of parties) {
      const { lost, doubled } = await flow.outcomes();
      faults.push({ lost: lost.length, doubled: doubled.length });
    }
    const names = [
      'the processor goes on',
      'another takes over',
      'control: another takes over, without settling',
    ];
    for (const [i, each] of faults.entries()) {
      recordFault({
        fault: `a broker forgets its markers: ${names[i]}`,
        expected: i < 2 ? 'holds' : 'fails',
        scans: parties[i]!.published,
        faults: 1,
        ...each,
      });
    }
    expect(faults).toEqual([
      { lost: 0, doubled: 0 },
      { lost: 0, doubled: 0 },
      { lost: 0, doubled: BATCH },
    ]);
  } finally {
    await Promise.all(parties.map(({ processor }) => processor.stop()));
    await Promise.all(parties.map(({ flow }) => flow.close()));
  }
}, 900_000);
