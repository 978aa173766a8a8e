import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { afterEach, describe, expect, test } from '@jest/globals';
import { FatalError } from '../../src/common/errors.ts';
import type { Outcome } from '../../src/messages/outcome.ts';
import type { OutcomesOfRecord } from '../../src/scan-chain.ts';
import { giveWay } from '../../src/threads/give-way.ts';
import { type ChainSettings, openChain } from '../../src/threads/open-chain.ts';
import { type ThreadPool, threadPool } from '../../src/threads/thread-pool.ts';
import { decodeDescriptors } from '../../src/wire/descriptors-codec.ts';
import { encodeScan } from '../../src/wire/scan-codec.ts';
import { exampleScan } from '../faults/scans.ts';
import { exampleRecord } from '../producers/example-outcomes.ts';

const settings: ChainSettings = {
  modelDir: 'models/spt',
  engine: 'onnxruntime',
  engineThreads: 1,
  maxBatch: 8,
};
let pool: ThreadPool | undefined;
afterEach(async () => {
  await pool?.close();
  pool = undefined;
});

const withValue = (value: string, offset = 0) => ({ ...exampleRecord(offset), value: Buffer.from(value) });
const details = (outcomes: readonly OutcomesOfRecord[]) =>
  outcomes.flat().map((outcome) => (outcome.kind === 'dead-letter' ? outcome.reject.detail : outcome.kind));

test('answers as the chain in this thread does, in order, with the records that were given', async () => {
  const records = [
    exampleRecord(0),
    withValue('no scan', 1),
    exampleRecord(2),
    { ...exampleRecord(3), value: null },
    { ...exampleRecord(4), ...upAndDown() },
  ];
  const chain = await openChain(
    settings,
    () => 1,
    () => {},
  );
  const expected = await chain.run(records);
  await chain.close();
  pool = await threadPool({ threads: 2, settings, onBug: () => {}, onDeath: () => {} });
  expect(pool).toMatchObject({ identity: chain.identity, threads: 2 });
  for (const outcomes of await Promise.all([pool.run(records), pool.run(records), pool.run(records)])) {
    expect(outcomes.map((each) => each.map(comparable))).toEqual(
      expected.map((each) => each.map(comparable)),
    );
    expect(outcomes.map((each) => each.length)).toEqual([1, 1, 1, 1, 2]);
    for (const [i, ofRecord] of outcomes.entries())
      for (const { record } of ofRecord) expect(record).toBe(records[i]);
  }
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('its threads give way to the one that speaks Kafka, where cores are short', async () => {
  const before = nicenessOfThreads();
  pool = await threadPool({ threads: 2, settings, onBug: () => {}, onDeath: () => {} });
  const nicer = nicenessOfThreads().filter((niceness) => niceness > Math.max(...before));
  expect(nicer.length).toBeGreaterThanOrEqual(2);
  expect(getPriority()).toBe(Math.min(...before)); // this one does not
});

onLinux('a thread whose priority may not be lowered goes on, and why is said', () => {
  const given: number[] = [];
  expect(giveWay((niceness) => void given.push(niceness))).toBeNull();
  expect(given[0]).toBeGreaterThan(getPriority());
  const refusing = () => {
    throw new Error('EACCES: permission denied');
  };
  expect(giveWay(refusing)).toMatch(/priority.*EACCES.*goes on/);
});

/** Of each thread of this process: field 19 of its stat, of which the second, a name in brackets, may hold spaces. */
function nicenessOfThreads(): number[] {
  return readdirSync('/proc/self/task').flatMap((thread) => {
    try {
      const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
      return [Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])];
    } catch {
      return []; // one that has ended meanwhile
    }
  });
}

/** One record with two spectra. */
function upAndDown() {
  const scan = exampleScan('quick', 0);
  const both = (values: Float64Array) => Float64Array.of(...values, ...values.toReversed());
  const { value } = encodeScan({ ...scan, energyEv: both(scan.energyEv), mu: both(scan.mu!) });
  return { value, headers: {} };
}

/** All but how long it took. */
function comparable(outcome: Outcome) {
  if (outcome.kind === 'dead-letter') return outcome;
  const { took: _, value, ...rest } = outcome;
  const { times: __, ...event } = decodeDescriptors(value);
  return { ...rest, event };
}

describe('a thread that dies', () => {
  const start = async (threads: number, startsToFail = 0) => {
    const deaths: string[] = [];
    const counts = new Int32Array(new SharedArrayBuffer(8));
    pool = await threadPool({
      threads,
      settings: { ...settings, deaths: counts, startsToFail } as ChainSettings,
      onBug: () => {},
      onDeath: ({ message }) => void deaths.push(message),
      program: new URL('./dying-thread.ts', import.meta.url),
    });
    return deaths;
  };

  test('is replaced, and its batches are computed again', async () => {
    const deaths = await start(1);
    const batches = [[withValue('a')], [withValue('b'), withValue('once', 1)], [withValue('c')]];
    const outcomes = await Promise.all(batches.map((batch) => pool!.run(batch)));
    expect(outcomes.map(details)).toEqual([['Expected a'], ['Expected b', 'Expected once'], ['Expected c']]);
    expect(deaths).toEqual(['out of memory']);
  });

  test('time and again by one batch: that one is rejected, and others are computed', async () => {
    const deaths = await start(2);
    const poisoned = pool!.run([withValue('a'), withValue('always', 1)]);
    await expect(poisoned).rejects.toThrow(/batch of 2 scans/);
    expect(deaths).toHaveLength(2);
    expect(details(await pool!.run([withValue('a')]))).toEqual(['Expected a']);
  });

  test("before it is ready: the error of the first is the pool's", async () => {
    await expect(start(1, 99)).rejects.toThrow('no room');
  });
});

test('a model that cannot be opened is fatal', async () => {
  const broken = { ...settings, modelDir: 'models/none' };
  const starting = threadPool({ threads: 2, settings: broken, onBug: () => {}, onDeath: () => {} });
  await expect(starting).rejects.toThrow(FatalError);
});

test('accepts nothing of less trust than it is told, on threads as in this one', async () => {
  const strict = { ...settings, leastTrust: 1 };
  const chain = await openChain(
    strict,
    () => 1,
    () => {},
  );
  pool = await threadPool({ threads: 1, settings: strict, onBug: () => {}, onDeath: () => {} });
  for (const compute of [chain, pool]) {
    const [[outcome]] = (await compute.run([exampleRecord(0)])) as [
      [Extract<Outcome, { kind: 'descriptors' }>],
    ];
    const { descriptors } = decodeDescriptors(outcome.value);
    expect(descriptors.length).toBeGreaterThan(0);
    expect(descriptors.map(({ verdict }) => verdict)).not.toContain('ACCEPT');
    expect(descriptors.map(({ trustThreshold }) => trustThreshold).filter(Number)).toEqual(
      expect.arrayContaining([1]),
    );
  }
  await chain.close();
});
