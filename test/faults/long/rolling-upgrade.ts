import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { type KafkaService, startKafka } from '../../../demo/services/start-kafka.ts';
import { type RunningProcess, startProcess, typescript } from '../../../demo/services/start-process.ts';
import { startRedis } from '../../../demo/services/start-redis.ts';
import { type Flow, metric, startFlow } from '../../integration/flow.ts';
import { until } from '../../until.ts';
import { type FormerVersion, formerVersion } from '../former-version.ts';
import { longestPause } from '../longest-pause.ts';
import { type FaultRun, recordFault } from '../record-fault.ts';
import { exampleScan } from '../scans.ts';

const SAMPLES = 12;
const SESSION_MS = 3000;
const WORKER = 'test/faults/worker.ts';

let kafka: KafkaService | undefined;
let flow: Flow | undefined;
let former: FormerVersion | undefined;
let processes: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(processes.map((each) => each.stop()));
  processes = [];
  await flow?.close();
  await kafka?.close();
  former?.remove();
});

/** Comes back when the worker stands between a batch's results and their commit. */
async function midBatch(worker: RunningProcess): Promise<void> {
  const before = worker.output().length;
  await until(() => worker.output().length < before || /before commit/.test(worker.output().slice(before)));
}

/** The newest projection reads what both have written: how many records it could not. */
async function project({ env }: Flow, events: number): Promise<number> {
  const redis = await startRedis();
  processes.push({ stop: redis.close });
  const projection = await startProcess('projection', {
    ...typescript('src/bin/projection.ts'),
    env: { ...env, REDIS_URL: redis.url },
    ready: /"url"/,
  });
  processes.unshift(projection);
  const read = () => metric(projection, 'xanes_projection_records_total').catch(() => 0);
  await until(async () => (await read()) >= events);
  return metric(projection, 'xanes_projection_undecodable_total');
}

/**
 * Two processors of the former version are replaced one after the other while scans keep coming: one is frozen in
 * mid-batch until newer ones have its partitions, the other killed there. Then one of the newer is put back.
 */
async function upgrade({ flow, former }: { flow: Flow; former: FormerVersion }, formerEnv = {}) {
  const { publish, seen, outcomes } = flow;
  const env = { KAFKA_SESSION_TIMEOUT_MS: String(SESSION_MS), FAULT_COMMIT_DELAY_MS: '150' };
  const starting = async (program: string, more = {}) => {
    const worker = await flow.start({ ...env, ...more }, program);
    processes.push(worker);
    return worker;
  };
  const startFormer = () =>
    starting(join(former.folder, WORKER), { MODEL_DIR: join(former.folder, 'models/spt'), ...formerEnv });
  const startNewest = () => starting(WORKER);
  const moreSeen = async () => {
    const before = seen();
    await until(() => seen() > before + SAMPLES);
  };
  const pause = longestPause(seen);
  let published = 0;
  let going = true;
  const stream = (async () => {
    while (going) {
      await publish(
        Array.from({ length: SAMPLES }, (_, i) => exampleScan(`sample-${i}`, published / SAMPLES)),
      );
      published += SAMPLES;
      await setTimeout(100);
    }
  })();

  const [frozen, killed] = [await startFormer(), await startFormer()];
  await moreSeen();
  const first = await startNewest();
  await midBatch(frozen);
  frozen.signal('SIGSTOP');
  await setTimeout(2 * SESSION_MS);
  await moreSeen(); // the others have its partitions, and go on
  frozen.signal('SIGCONT');
  await moreSeen();
  await frozen.stop();
  await startNewest();
  await midBatch(killed);
  killed.signal('SIGKILL');
  await moreSeen();
  await startFormer(); // the way back
  await first.stop();
  await moreSeen();
  going = false;
  await stream;
  await until(() => seen() >= published);
  const recoverySeconds = pause();
  const undecodable = await project(flow, published);

  const { descriptors, lost, doubled } = await outcomes();
  const last = new Map<string, number>();
  let outOfOrder = 0;
  for (const { sampleId, sequence } of descriptors) {
    if (sequence < (last.get(sampleId) ?? -1)) outOfOrder += 1;
    last.set(sampleId, sequence);
  }
  return {
    undecodable,
    run: {
      scans: published,
      faults: 2,
      lost: lost.length,
      doubled: doubled.length,
      outOfOrder,
      recoverySeconds,
    },
    events: descriptors.length,
    ofFormer: descriptors.filter(({ means }) => means.length === 0).length,
  };
}

test.each<[string, FaultRun['expected'], object]>([
  ['', 'holds', {}],
  [
    'control, a former version with transactional ids of its own: ',
    'fails',
    { FAULT_TRANSACTIONAL_ID: 'process' },
  ],
])(
  '%sprocessors of two versions at once, the former frozen and killed in mid-batch',
  async (control, expected, formerEnv) => {
    kafka = await startKafka();
    former = formerVersion('descriptors.v1.1.avsc');
    flow = await startFlow(kafka.brokers);
    const { run, events, ofFormer, undecodable } = await upgrade({ flow, former }, formerEnv);
    recordFault({ fault: `${control}a rolling upgrade, and back`, expected, ...run });
    expect(ofFormer).toBeGreaterThan(0);
    expect(ofFormer).toBeLessThan(events);
    if (expected === 'fails') expect(run.doubled).toBeGreaterThan(0);
    else {
      expect(run).toMatchObject({ lost: 0, doubled: 0, outOfOrder: 0 });
      expect(undecodable).toBe(0);
    }
  },
  3_600_000,
);
