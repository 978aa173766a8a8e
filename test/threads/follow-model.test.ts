import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createMetrics } from '../../src/runtime/telemetry.ts';
import type { Compute } from '../../src/threads/compute.ts';
import { followModel } from '../../src/threads/follow-model.ts';
import { manualClock, settled } from '../manual-clock.ts';

const name = (digit: string) => `spt-5@${digit.repeat(12)}`;
const identity = (digit: string) => ({ id: 'spt-5', hash: digit.repeat(64), engine: 'none' });

/** A file that the test writes, and models that open when it says so. */
function following() {
  const clock = manualClock();
  const metrics = createMetrics();
  const logged: string[] = [];
  const closed: string[] = [];
  const asked: string[] = [];
  let wanted: string | Error = name('a');
  let inUse = identity('a');
  let opened: (digit: string) => Promise<Compute> = async (digit) => compute(digit);
  const compute = (digit: string): Compute => ({
    ...{
      identity: identity(digit),
      threads: 0,
      warmUp: async () => {},
      run: async () => [],
      learn: () => {},
    },
    close: async () => void closed.push(digit),
  });
  const followed = followModel({
    async wanted() {
      if (wanted instanceof Error) throw wanted;
      return wanted;
    },
    inUse: () => inUse,
    open(asksFor) {
      asked.push(asksFor);
      return opened(asksFor.at(-1)!);
    },
    use: (model) => {
      inUse = identity(model.identity.hash[0]!);
    },
    ...{ clock, metrics },
    logger: pino({}, { write: (line: string) => void logged.push(JSON.parse(line).msg) }),
  });
  const look = async (afterMs = 2000) => {
    await clock.advance(afterMs);
    for (let i = 0; i < 5; i += 1) await settled();
  };
  return {
    ...{ followed, look, metrics, logged, closed, asked, compute },
    inUse: () => inUse.hash[0],
    want: (next: string | Error) => {
      wanted = next;
    },
    openBy: (open: typeof opened) => {
      opened = open;
    },
  };
}

const refusedMetric = async ({ metrics }: ReturnType<typeof following>) =>
  (await metrics.modelRefused.get()).values[0]?.value;

test('opens the model that is wanted, and nothing while it is the one in use', async () => {
  const model = following();
  await model.look();
  expect(model.asked).toEqual([]);
  model.want(name('b'));
  await model.look();
  await model.look();
  expect({ asked: model.asked, inUse: model.inUse() }).toEqual({ asked: [name('b')], inUse: 'b' });
  expect(await refusedMetric(model)).toBe(0);
});

test('one that cannot be had is said once, tried again after half a minute, and at once when another is wanted', async () => {
  const model = following();
  model.openBy(() => Promise.reject(new Error('it is not there')));
  model.want(name('b'));
  for (let i = 0; i < 14; i += 1) await model.look();
  expect(model.asked).toHaveLength(1);
  await model.look();
  await model.look();
  expect(model.asked).toHaveLength(2);
  expect(model.logged).toEqual(['the model in use stays: it is not there']);
  expect(model.followed.refused()).toMatchObject({ wanted: name('b'), reason: 'it is not there' });
  expect(await refusedMetric(model)).toBe(1);

  model.openBy(async (digit) => model.compute(digit));
  model.want(name('c'));
  await model.look();
  expect(model.inUse()).toBe('c');
  expect(model.followed.refused()).toBeNull();
  expect(await refusedMetric(model)).toBe(0);
});

test('a file that is not there, or says no name, leaves the model in use', async () => {
  const model = following();
  model.want(new Error('no such file'));
  await model.look();
  expect(model.followed.refused()).toMatchObject({ wanted: '', reason: 'no such file' });
  model.want('');
  await model.look();
  expect(model.followed.refused()?.reason).toMatch(/^Expected a model as name@hash/);
  expect({ asked: model.asked, inUse: model.inUse() }).toEqual({ asked: [], inUse: 'a' });
});

test('what is opened while the processor closes is closed, and not used', async () => {
  const model = following();
  let open = (_: Compute) => {};
  model.openBy(
    () =>
      new Promise((resolve) => {
        open = resolve;
      }),
  );
  model.want(name('b'));
  await model.look();
  const closing = model.followed.close();
  open(model.compute('b'));
  await closing;
  expect({ closed: model.closed, inUse: model.inUse() }).toEqual({ closed: ['b'], inUse: 'a' });
});
