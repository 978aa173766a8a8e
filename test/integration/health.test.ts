import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type KafkaService, startKafka } from '../../demo/services/start-kafka.ts';
import { type RunningProcess, startProcess, typescript } from '../../demo/services/start-process.ts';
import { exampleScan } from '../faults/scans.ts';
import { until, untilPasses } from '../until.ts';
import { addressOf, type Flow, startFlow } from './flow.ts';

// A broker of its own, since it is taken away from under its users.
let broker: KafkaService;
let flow: Flow;
let started: RunningProcess[] = [];
beforeAll(async () => {
  broker = await startKafka();
}, 600_000);
afterEach(async () => {
  broker.signal('SIGCONT');
  await Promise.all(started.map((each) => each.stop()));
  started = [];
  await flow?.close();
});
afterAll(() => broker.close());

type Ready = {
  readonly status: number;
  readonly reason?: string;
  readonly assigned?: readonly number[];
  readonly secondsSince?: Readonly<Record<'fetch' | 'claim' | 'commit', number>>;
};

/** The window of readiness in these tests, ms: the default of 30 s would be waited for in vain. */
const WITHIN_MS = 4000;

async function readyz(of: RunningProcess): Promise<Ready> {
  const response = await fetch(`${addressOf(of)}/readyz`);
  return { status: response.status, ...((await response.json()) as object) };
}

const isReady = async (of: RunningProcess) => (await readyz(of)).status === 200;

/** Not ready any more, for a reason that matches; healthy all the while, since a restart would mend nothing. */
async function untilNotReady(of: RunningProcess, reason: RegExp) {
  const beganMs = performance.now();
  let answer: Ready;
  await until(async () => {
    expect((await fetch(`${addressOf(of)}/healthz`)).status).toBe(200);
    answer = await readyz(of);
    return answer.status === 503 && reason.test(answer.reason ?? '');
  }, 600_000);
  return { ms: performance.now() - beganMs, answer: answer! };
}

/** For machines that are slow; the client's own retries would take another minute and more. */
const SLOW_MS = 30_000;

const startWorker = async () => {
  const worker = await flow.start(
    { READY_WITHIN_MS: String(WITHIN_MS), KAFKA_SESSION_TIMEOUT_MS: '3000' },
    'test/faults/worker.ts',
  );
  started.push(worker);
  return worker;
};

const publish = (count: number, from: number) =>
  flow.publish(Array.from({ length: count }, (_, i) => exampleScan(`sample-${i % 5}`, from + i)));

describe('readiness follows the broker', () => {
  test('it is frozen, goes on, is killed and comes back', async () => {
    flow = await startFlow(broker.brokers, { partitions: 2 });
    const worker = await startWorker();
    await until(() => isReady(worker));
    await publish(20, 0);
    await until(() => flow.seen() === 20);

    broker.signal('SIGSTOP');
    const frozen = await untilNotReady(worker, /no fetch, claim or commit succeeded within 4 s/);
    // What succeeded last did so a moment before the freeze: on a slow machine a long one.
    expect(frozen.ms).toBeGreaterThan(WITHIN_MS / 2);
    const { fetch: fetched, claim, commit } = frozen.answer.secondsSince!;
    expect(Math.min(fetched, claim, commit)).toBeGreaterThanOrEqual(WITHIN_MS / 1000);
    expect(frozen.ms).toBeLessThan(WITHIN_MS + SLOW_MS);
    broker.signal('SIGCONT');
    await until(() => isReady(worker));

    await broker.kill();
    await untilNotReady(worker, /group|succeeded within/);
    await broker.restart('SIGKILL', 0);
    await until(() => isReady(worker));
    await publish(20, 20);
    const { descriptors, lost, doubled } = await flow.outcomes();
    expect({ lost, doubled, count: descriptors.length }).toEqual({ lost: [], doubled: [], count: 40 });
  });

  test('a processor without partitions is ready as a spare, and takes over', async () => {
    flow = await startFlow(broker.brokers, { partitions: 1 });
    const workers = await Promise.all([startWorker(), startWorker()]);
    let states: readonly Ready[] = [];
    await until(async () => {
      states = await Promise.all(workers.map(readyz));
      return (
        states.every(({ status }) => status === 200) && states.some(({ assigned }) => assigned?.length === 0)
      );
    });
    const spare = states.findIndex(({ assigned }) => assigned?.length === 0);
    expect(states[spare]).toMatchObject({ spare: true });
    workers[1 - spare]!.signal('SIGKILL');
    await publish(5, 0);
    await until(() => flow.seen() === 5);
    await untilPasses(async () =>
      expect(await readyz(workers[spare]!)).toMatchObject({ status: 200, assigned: [0] }),
    );
  }, 600_000);
});

describe('SIGTERM ends a processor, with exit code 0 and nothing lost', () => {
  test.each([
    ['killed', () => broker.kill(), () => broker.restart('SIGKILL', 0)],
    ['frozen', async () => broker.signal('SIGSTOP'), async () => broker.signal('SIGCONT')],
  ])('within 10 s while the broker is %s', async (_, take, bringBack) => {
    flow = await startFlow(broker.brokers, { partitions: 2 });
    const worker = await startWorker();
    await publish(30, 0);
    await until(() => flow.seen() === 30);
    await take();
    const beganMs = performance.now();
    worker.signal('SIGTERM');
    const exit = await worker.exited;
    const tookMs = performance.now() - beganMs;
    await bringBack();
    expect(exit).toEqual({ code: 0, signal: null });
    expect(tookMs).toBeLessThan(10_000 + SLOW_MS);
    await startWorker();
    await publish(10, 30);
    const { descriptors, lost, doubled } = await flow.outcomes();
    expect({ lost, doubled, count: descriptors.length }).toEqual({ lost: [], doubled: [], count: 40 });
  });

  test('at any moment of its start', async () => {
    flow = await startFlow(broker.brokers, { partitions: 1 });
    for (const afterMs of [0, 200, 400, 600, 800, 1000, 1500]) {
      const worker = await startProcess('processor', {
        ...typescript('src/bin/processor.ts'),
        env: flow.env,
      });
      started.push(worker);
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      const beganMs = performance.now();
      worker.signal('SIGTERM');
      const exit = await worker.exited;
      // Before the program has been read the signal is Node's own, which ends it at once.
      expect([
        { code: 0, signal: null },
        { code: null, signal: 'SIGTERM' },
      ]).toContainEqual(exit);
      expect(performance.now() - beganMs).toBeLessThan(10_000 + SLOW_MS);
    }
  }, 600_000);
});
