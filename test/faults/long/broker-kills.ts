import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { type KafkaService, startKafka } from '../../../demo/services/start-kafka.ts';
import type { RunningProcess } from '../../../demo/services/start-process.ts';
import { type Flow, memoryMb, startFlow } from '../../integration/flow.ts';
import { until } from '../../until.ts';
import { longestPause } from '../longest-pause.ts';
import { type FaultRun, recordFault } from '../record-fault.ts';
import { exampleScan } from '../scans.ts';
import { startCluster } from '../start-cluster.ts';

const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 12);
const AWAY_MS = 4000;
const SCANS = 20;
const EVERY_MS = 200;
/** Ends what would wait for ever: a broker that others keep from the cores has taken minutes to come back. */
const OUT_WITHIN_MS = 600_000;

let cluster: readonly KafkaService[] = [];
let flow: Flow | undefined;
let processors: RunningProcess[] = [];
afterEach(async () => {
  await Promise.all(processors.map((processor) => processor.stop()));
  await flow?.close();
  await Promise.all(cluster.map((broker) => broker.close()));
});

/**
 * Brokers are killed in turn, each back before the next, while scans keep coming to two processors. Where a broker
 * forgot its markers and nobody settles, a control's reader waits for ever: what it has not read by then is lost to it.
 */
async function killInTurn(
  fault: string,
  expected: FaultRun['expected'],
  env: Readonly<Record<string, string>> = {},
) {
  const started = await startFlow(
    cluster.flatMap(({ brokers }) => brokers),
    { partitions: 6 },
  );
  flow = started;
  const { publish, seen, outcomes } = started;
  const start = () => started.start(env, 'test/faults/worker.ts');
  processors = await Promise.all([start(), start()]);
  let published = 0;
  let going = true;
  const stream = (async () => {
    while (going) {
      await publish(Array.from({ length: SCANS }, (_, i) => exampleScan(`sample-${i}`, published / SCANS)));
      published += SCANS;
      await setTimeout(EVERY_MS);
    }
  })();
  const pause = longestPause(seen);
  let faults = 0;
  let standsStill = false;
  while (faults < ROUNDS) {
    const before = seen();
    try {
      await until(() => seen() > before, OUT_WITHIN_MS);
    } catch (error) {
      if (expected === 'holds') throw error;
      standsStill = true;
      break;
    }
    await cluster[faults % cluster.length]!.restart('SIGKILL', AWAY_MS);
    faults += 1;
  }
  going = false;
  await stream;
  const recoverySeconds = pause();
  if (standsStill) {
    const run = {
      fault,
      expected,
      scans: published,
      faults,
      lost: published - seen(),
      doubled: 0,
      recoverySeconds,
    };
    recordFault(run);
    return run;
  }
  const { descriptors, lost, doubled } = await outcomes();
  const last = new Map<string, number>();
  let outOfOrder = 0;
  for (const { sampleId, sequence } of descriptors) {
    if (sequence < (last.get(sampleId) ?? -1)) outOfOrder += 1;
    last.set(sampleId, sequence);
  }
  const run = {
    fault,
    expected,
    scans: published,
    faults,
    lost: lost.length,
    doubled: doubled.length,
    outOfOrder,
    recoverySeconds,
    memoryMb: await memoryMb(...processors),
  };
  recordFault(run);
  return run;
}

const CASES = [
  { fault: 'the only broker is killed', startBrokers: async () => [await startKafka()] },
  { fault: 'three brokers of replication factor 3 are killed in turn', startBrokers: startCluster },
];

test.each(CASES)(
  '$fault',
  async ({ fault, startBrokers }) => {
    cluster = await startBrokers();
    expect(await killInTurn(fault, 'holds')).toMatchObject({ lost: 0, doubled: 0, outOfOrder: 0 });
  },
  3_600_000,
);

test.each(CASES)(
  'control, outcomes and offsets committed apart: $fault',
  async ({ fault, startBrokers }) => {
    cluster = await startBrokers();
    const name = `control, outcomes and offsets committed apart: ${fault}`;
    const run = await killInTurn(name, 'fails', { FAULT_COMMIT: 'apart' });
    expect(run.lost + run.doubled).toBeGreaterThan(0);
  },
  3_600_000,
);
