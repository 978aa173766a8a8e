import { randomUUID } from 'node:crypto';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { redisReader } from '../../dashboard/server/redis-reader.ts';
import { startRedis } from '../../demo/services/start-redis.ts';
import { projectionKeys } from '../../src/messages/projection.ts';
import { endedRun, type Run, startedRun } from '../../src/messages/run.ts';
import {
  type ProjectedMessages,
  type ProjectionBatch,
  type RedisProjection,
  redisProjection,
} from '../../src/producers/redis-projection.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { redisSettings } from '../../src/runtime/redis-settings.ts';
import {
  descriptorsBytes,
  fixtureAccumulation,
  fixtureAcknowledgement,
  fixtureDeadLetter,
  fixtureEvent,
  fixtureRequest,
} from '../dashboard/fixture-events.ts';
import { until } from '../until.ts';

const url = process.env.REDIS_URL_TEST ?? '';
const LIMITS = {
  events: 50,
  seen: 40,
  scans: 10,
  scanBytes: 1e6,
  history: 20,
  samples: 3,
  deadLetters: 5,
  runs: 2,
};

let redis: Redis;
let projection: RedisProjection;
let prefix: string;
let keys: ReturnType<typeof projectionKeys>;

beforeAll(() => {
  redis = new Redis(url);
});
afterAll(() => {
  redis.disconnect();
});
beforeEach(async () => {
  projection?.close();
  prefix = `redis-projection-${randomUUID()}:`;
  keys = projectionKeys(prefix);
  projection = redisProjection({
    redis: redisSettings(readConfig({ REDIS_URL: url })),
    prefix,
    nowMs: Date.now,
    limits: LIMITS,
  });
  await until(() =>
    projection.position('t', 0).then(
      () => true,
      () => false,
    ),
  );
});
afterAll(() => projection.close());

type Options = Parameters<typeof fixtureEvent>[1];
const scans = (
  from: bigint | null,
  to: bigint,
  numbers: readonly number[],
  options: Options = {},
): ProjectionBatch => ({
  topic: 't',
  partition: 0,
  from,
  to,
  kind: 'scan',
  messages: numbers.map((number) => {
    const event = fixtureEvent(number, { sampleId: 'a', ...options });
    return { event, bytes: descriptorsBytes(event) };
  }),
});
const numbers = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
const history = async (sampleId: string): Promise<number[]> =>
  (
    await Promise.all(
      [keys.sampleOlder(sampleId), keys.sampleRecent(sampleId)].map((key) => redis.lrange(key, 0, -1)),
    )
  )
    .flat()
    .map((row) => JSON.parse(row).sequence);
const allKeys = async () => (await redis.keys(`${prefix}*`)).map((key) => key.slice(prefix.length)).sort();

describe('position', () => {
  test('moves with the data, and is null before', async () => {
    expect(await projection.position('t', 0)).toBeNull();
    expect(await projection.apply(scans(null, 7n, [0, 1]))).toEqual({ applied: true, added: 2 });
    expect(await projection.position('t', 0)).toBe(7n);
    expect(await projection.position('t', 1)).toBeNull();
  });

  test('what is said of a run is kept whichever topic comes first, and the newest holds', async () => {
    const said = (from: bigint | null, to: bigint, ...all: readonly Run[]): ProjectionBatch => ({
      ...{ kind: 'run', topic: 'runs', partition: 0, from, to, messages: all },
    });
    const about = { runId: 'run', beamline: 'P65', origin: 'LIVE', startedAt: 1000 } as const;
    const started = startedRun(about);
    const ended = endedRun(started, { endedAt: 2000, exitStatus: 'FAIL', reason: 'no beam' });
    const reader = redisReader({
      redis: redisSettings(readConfig({ REDIS_URL: url })),
      ...{ prefix, onState: () => {}, onError: () => {} },
    });
    await until(() =>
      reader.snapshot().then(
        () => true,
        () => false,
      ),
    );
    const saidOfRun = async () =>
      (await reader.snapshot()).runs.find(({ runId }) => runId === fixtureEvent(0).runId)?.said;
    const ours = (run: Run): Run => ({ ...run, runId: fixtureEvent(0).runId });
    await projection.apply(said(null, 1n, ours(ended)));
    await projection.apply(scans(null, 1n, [0]));
    expect(await saidOfRun()).toMatchObject({
      state: 'ENDED',
      endedAt: 2000,
      exitStatus: 'FAIL',
      reason: 'no beam',
    });
    await projection.apply(said(1n, 2n, ours(started)));
    expect(await saidOfRun()).toMatchObject({ state: 'STARTED', endedAt: null });
    for (const [i, runId] of ['a', 'b', 'c'].entries())
      await projection.apply(said(BigInt(i + 2), BigInt(i + 3), { ...started, runId }));
    reader.close();
    expect(await redis.zrange(keys.runStates, '0', '-1')).toEqual(['b', 'c']);
    expect(await redis.exists(keys.runState('a'))).toBe(0);
  });

  test('a batch that does not begin where Redis stands changes nothing', async () => {
    await projection.apply(scans(null, 2n, [0, 1]));
    for (const from of [null, 1n, 3n]) {
      expect(await projection.apply(scans(from, 9n, [5]))).toEqual({ applied: false, position: 2n });
    }
    await redis.del(await redis.keys(`${prefix}*`));
    expect(await projection.apply(scans(2n, 3n, [2]))).toEqual({ applied: false, position: null });
    expect(await allKeys()).toEqual([]);
  });

  test('of two projections with the same batch one writes it', async () => {
    const other = redisProjection({
      redis: redisSettings(readConfig({ REDIS_URL: url })),
      prefix,
      nowMs: Date.now,
      limits: LIMITS,
    });
    await until(() =>
      other.position('t', 0).then(
        () => true,
        () => false,
      ),
    );
    const answers = await Promise.all([
      projection.apply(scans(null, 1n, [0])),
      other.apply(scans(null, 1n, [0])),
    ]);
    other.close();
    expect(answers.filter(({ applied }) => applied)).toHaveLength(1);
    expect(await redis.hget(keys.totals, 'scans')).toBe('1');
  });

  test('offsets beyond 2^53 are kept exactly', async () => {
    const far = 2n ** 53n + 1n;
    await projection.apply(scans(null, far, [0]));
    expect(await projection.position('t', 0)).toBe(far);
    expect(await projection.apply(scans(far, far + 1n, [1]))).toMatchObject({ applied: true });
  });
});

describe('bounds', () => {
  test('a scan is shown once, however often it is written', async () => {
    await projection.apply(scans(null, 2n, [0, 0]));
    expect(await projection.apply(scans(2n, 3n, [0]))).toEqual({ applied: true, added: 0 });
    expect(await redis.hget(keys.sample('a'), 'scans')).toBe('1');
    expect(await redis.xlen(keys.events)).toBe(1);
  });

  test('a history is bounded, reaches back to its beginning evenly, and its newest quarter is whole', async () => {
    for (const end of [90, 400, 1000]) {
      const from = await projection.position('t', 0);
      const begin = Number(from ?? 0n);
      await projection.apply(scans(from, BigInt(end), numbers(begin, end - begin)));
      const held = await history('a');
      expect(held.length).toBeLessThanOrEqual(20);
      expect(held.length).toBeGreaterThan(10);
      expect(held.slice(-5)).toEqual(numbers(end - 5, 5));
      const older = held.slice(0, -5);
      expect(older[0]).toBe(0);
      const steps = new Set(older.slice(1).map((number, i) => number - older[i]!));
      expect(steps.size).toBe(1);
    }
    expect(await redis.hget(keys.sample('a'), 'scans')).toBe('1000');
  });

  test('whole scans, ids and the log are bounded', async () => {
    for (let i = 0; i < 300; i += 100)
      await projection.apply(scans(i ? BigInt(i) : null, BigInt(i + 100), numbers(i, 100)));
    const held = (await allKeys()).filter((key) => key.startsWith('scan:'));
    expect(held).toHaveLength(10);
    expect(held.some((key) => key.endsWith('/299'))).toBe(true);
    expect(await redis.zcard(keys.seenScans)).toBe(40);
    expect(await redis.xlen(keys.events)).toBeLessThan(250); // trimmed by whole nodes
  });

  test('whole scans are bounded in bytes, and what they hold is counted', async () => {
    const heavy = (number: number) => {
      const event = { ...fixtureEvent(number, { sampleId: 'a' }), metadata: { log: 'x'.repeat(300_000) } };
      return { event, bytes: descriptorsBytes(event) };
    };
    await projection.apply({ ...scans(null, 5n, []), kind: 'scan', messages: numbers(0, 5).map(heavy) });
    const held = (await allKeys()).filter((key) => key.startsWith('scan:'));
    expect(held).toHaveLength(3);
    const lengths = await Promise.all(
      held.flatMap((key) => ['row', 'bytes'].map((field) => redis.hstrlen(`${prefix}${key}`, field))),
    );
    expect(await redis.hget(keys.totals, 'whole-scan-bytes')).toBe(
      String(lengths.reduce((sum, length) => sum + length, 0)),
    );
  });

  test('the samples of a run are bounded', async () => {
    let from: bigint | null = null;
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const to: bigint = (from ?? 0n) + 1n;
      await projection.apply(scans(from, to, [0], { sampleId: name, runId: 'run' }));
      from = to;
    }
    expect(await redis.zrange(keys.samplesOfRun('run'), '0', '-1')).toEqual(['c', 'd', 'e']);
  });

  test('the samples and runs that were not heard of for longest leave no key behind', async () => {
    let from: bigint | null = null;
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const to: bigint = (from ?? 0n) + 1n;
      await projection.apply(scans(from, to, [0], { sampleId: name, runId: `run ${name}` }));
      from = to;
    }
    expect(await redis.zrange(keys.samples, '0', '-1')).toEqual(['c', 'd', 'e']);
    expect(await redis.zrange(keys.runs, '0', '-1')).toEqual(['run d', 'run e']);
    const left = (await allKeys()).filter((key) => /^(sample|run)/.test(key) && /[:-](run )?[ab]$/.test(key));
    expect(left).toEqual([]);
  });

  test('dead letters: the newest keep their bytes, and no letter makes a sample', async () => {
    await projection.apply({
      topic: 'l',
      partition: 0,
      from: null,
      to: 8n,
      kind: 'dead-letter',
      messages: [...numbers(0, 8), 7].map((offset) =>
        fixtureDeadLetter(offset, { sampleId: 'ghost', value: Buffer.alloc(100_000, offset) }),
      ),
    });
    expect(await redis.hget(keys.totals, 'dead-letters')).toBe('8');
    expect((await allKeys()).filter((key) => key.startsWith('dead-letter:'))).toHaveLength(5);
    expect((await redis.hgetBuffer(keys.deadLetter('xanes.scans.v1/1/7'), 'value'))?.length).toBe(16_384);
    expect(await redis.exists(keys.sample('ghost'))).toBe(0);
  });

  test('no id can name the key of another thing', async () => {
    await projection.apply(scans(null, 1n, [0], { sampleId: 'history:x', runId: 'samples:x', scanId: 'x' }));
    await projection.apply(scans(1n, 2n, [1], { sampleId: 'x', runId: 'x', scanId: 'y' }));
    const types = await Promise.all((await redis.keys(`${prefix}*`)).map((key) => redis.type(key)));
    expect(types).not.toContain('none');
    expect(await history('x')).toEqual([1]);
    expect(await history('history:x')).toEqual([0]);
  });
});

describe('requests, what is said to them, and repeats', () => {
  /** Writes messages to a topic of their kind, behind those that it has. */
  async function write(batch: ProjectedMessages) {
    const from = await projection.position(batch.kind, 0);
    const to = (from ?? 0n) + BigInt(batch.messages.length);
    return projection.apply({ ...batch, topic: batch.kind, partition: 0, from, to });
  }
  /** What a page is told when it opens. */
  async function snapshot() {
    const reader = redisReader({
      ...{ redis: redisSettings(readConfig({ REDIS_URL: url })), prefix },
      ...{ onState: () => {}, onError: () => {} },
    });
    await until(() =>
      reader.snapshot().then(
        () => true,
        () => false,
      ),
    );
    const found = await reader.snapshot();
    reader.close();
    return found;
  }
  const event = (number: number, sampleId = 'a') => fixtureEvent(number, { sampleId });
  const then = Date.now() - 60_000;
  const ask = (number: number, beamline = 'ask') =>
    fixtureRequest(event(number), { requestId: `${beamline} ${number}`, beamline, askedAt: then + number });

  test('a request is kept once, with what was last said to it, whichever topic comes first', async () => {
    const [first, second] = [ask(1), ask(2)];
    const said = [
      fixtureAcknowledgement(first, 'ACCEPTED'),
      fixtureAcknowledgement(first, 'DONE', { scanIds: ['x', 'y'] }),
      fixtureAcknowledgement(first, 'DUPLICATE', { reason: 'duplicate', earlier: 'DONE' }),
      fixtureAcknowledgement({ ...first, requestId: '' }, 'REFUSED', { reason: 'malformed-request' }),
    ];
    expect(await write({ kind: 'acknowledgement', messages: said })).toEqual({ applied: true, added: 2 });
    const again = { ...first, why: 'published again' };
    expect(await write({ kind: 'request', messages: [first, second, again] })).toMatchObject({ added: 2 });
    const { requests, acknowledgements } = await snapshot();
    expect(requests).toMatchObject([
      { requestId: 'ask 1', scans: 4, sampleId: 'a', scanId: first.scanIds[0], why: first.why },
      { requestId: 'ask 2' },
    ]);
    expect(acknowledgements).toMatchObject([{ requestId: 'ask 1', status: 'DONE', scans: 2, by: 'daq' }]);
    const log = await redis.xrange(keys.events, '-', '+');
    const kinds = log.map(([, fields]) => fields[fields.indexOf('kind') + 1]);
    expect(kinds).toEqual(['acknowledgement', 'acknowledgement', 'request', 'request']);
  });

  test('the newest are kept, and of each sample and edge how far its repeats are', async () => {
    await write({ kind: 'request', messages: numbers(0, 8).map((number) => ask(number)) });
    const said = numbers(0, 8).map((number) => fixtureAcknowledgement(ask(number), 'ACCEPTED'));
    await write({ kind: 'acknowledgement', messages: said });
    const grown = [
      ...['a', 'b', 'c'].map((sampleId) => fixtureAccumulation(event(0, sampleId))),
      fixtureAccumulation(event(1, 'c'), { element: 'Ni' }),
      fixtureAccumulation(event(2, 'c'), { status: 'ACCEPTED', reason: 'accepted', repeatsNeeded: null }),
    ];
    await write({ kind: 'accumulation', messages: grown });
    const { requests, acknowledgements, accumulations } = await snapshot();
    const newest = [3, 4, 5, 6, 7].map((number) => `ask ${number}`);
    expect(requests.map(({ requestId }) => requestId)).toEqual(newest);
    expect(acknowledgements.map(({ requestId }) => requestId)).toEqual(newest);
    expect(accumulations).toMatchObject([
      { sampleId: 'b', element: 'Co', status: 'GROWING', members: 3, repeatsNeeded: 2 },
      { sampleId: 'c', element: 'Ni', status: 'GROWING' },
      { sampleId: 'c', element: 'Co', status: 'ACCEPTED', repeatsNeeded: null },
    ]);
    const bodies = (await allKeys()).filter((key) => /^(request|acknowledgement|accumulation):/.test(key));
    expect(bodies).toHaveLength(5 + 5 + 3);
  });

  test('of two beamlines the latest asked are kept, though one partition is read after the other', async () => {
    // As a version that counted arrivals left it.
    await redis.zadd(keys.requests, 1, 'former');
    await redis.set(keys.request('former'), JSON.stringify({ requestId: 'former' }));
    for (const [partition, beamline] of ['one', 'other'].entries()) {
      const asked = numbers(0, 6).map((number) => ask(number, beamline));
      const said = asked.map((request) => fixtureAcknowledgement(request, 'REFUSED'));
      const place = { partition, from: null, to: 6n };
      await projection.apply({ ...place, topic: 'requests', kind: 'request', messages: asked });
      await projection.apply({ ...place, topic: 'answers', kind: 'acknowledgement', messages: said });
    }
    const { requests, acknowledgements } = await snapshot();
    const latest = ['other 3', 'one 4', 'other 4', 'one 5', 'other 5'];
    expect(requests.map(({ requestId }) => requestId)).toEqual(latest);
    expect(acknowledgements.map(({ requestId }) => requestId)).toEqual(latest);
    const again = { partition: 0, from: 6n, to: 7n, messages: [ask(0, 'one')] };
    await projection.apply({ ...again, topic: 'requests', kind: 'request' });
    expect((await snapshot()).requests.map(({ requestId }) => requestId)).toEqual(latest);
    const bodies = (await allKeys()).filter((key) => /^(request|acknowledgement):/.test(key));
    expect(bodies).toHaveLength(5 + 5);
  });

  test('what a wild clock dates far ahead goes when as many newer have come', async () => {
    await write({ kind: 'request', messages: [{ ...ask(0), askedAt: Date.UTC(2100, 0) }] });
    const written = Date.now();
    await until(() => Date.now() > written);
    const newer = numbers(1, 5).map((number) => ({ ...ask(number), askedAt: Date.now() }));
    await write({ kind: 'request', messages: newer });
    expect((await snapshot()).requests.map(({ requestId }) => requestId)).not.toContain('ask 0');
  });

  test('text from the wire is cut', async () => {
    const long = 'x'.repeat(5000);
    const asked = { ...ask(1), requestId: long, why: long, kind: 'annotate', text: long };
    await write({ kind: 'request', messages: [asked] });
    await write({
      kind: 'acknowledgement',
      messages: [fixtureAcknowledgement(asked, 'REFUSED', { detail: long })],
    });
    const { requests, acknowledgements } = await snapshot();
    expect(requests[0]!.requestId).toHaveLength(200);
    expect(acknowledgements[0]!.requestId).toBe(requests[0]!.requestId);
    expect(JSON.stringify([requests, acknowledgements]).length).toBeLessThan(5000);
  });

  test('a Redis that a former version wrote is read', async () => {
    await projection.apply(scans(null, 1n, [0]));
    expect(await snapshot()).toMatchObject({ requests: [], acknowledgements: [], accumulations: [] });
  });
});

describe('previews', () => {
  const part = (sequence: number, points: number): Options => ({
    scanId: `scan-${sequence}/first-${points}`,
    partialOf: `scan-${sequence}`,
  });
  const measured = async () => JSON.parse((await redis.hget(keys.sample('a'), 'measured')) ?? 'null')?.scanId;

  test('stand beside the scans of their sample, in no count, until the whole takes their place', async () => {
    await projection.apply(scans(null, 1n, [0]));
    expect(await projection.apply(scans(1n, 2n, [1], part(1, 40)))).toEqual({ applied: true, added: 1 });
    await projection.apply(scans(2n, 3n, [1], part(1, 50)));
    expect(await measured()).toBe('scan-1/first-50');
    expect(JSON.parse((await redis.hget(keys.sample('a'), 'latest'))!).sequence).toBe(0);
    expect([await redis.hget(keys.totals, 'scans'), await history('a')]).toEqual(['1', [0]]);
    expect(await redis.hexists(keys.scan('scan-1/first-50'), 'bytes')).toBe(1);
    // Once more, such as by a second projection.
    expect(await projection.apply(scans(3n, 4n, [1], part(1, 50)))).toEqual({ applied: true, added: 0 });

    await projection.apply(scans(4n, 5n, [1], { scanId: 'scan-1' }));
    expect(await measured()).toBeUndefined();
    expect([await redis.hget(keys.totals, 'scans'), await history('a')]).toEqual(['2', [0, 1]]);
    // What comes after the whole is none of its previews any more.
    await projection.apply(scans(5n, 6n, [1], part(1, 60)));
    expect(await measured()).toBeUndefined();
  });

  test('go when the whole becomes a dead letter, and with another scan they stay', async () => {
    await projection.apply(scans(null, 1n, [7], part(7, 40)));
    await projection.apply(scans(1n, 2n, [6], { scanId: 'scan-6' }));
    expect(await measured()).toBe('scan-7/first-40');
    const letter = fixtureDeadLetter(9, { sampleId: 'a', scanId: 'scan-7' });
    await projection.apply({
      ...{ topic: 'dead', partition: 0, from: null, to: 1n, kind: 'dead-letter', messages: [letter] },
    });
    expect(await measured()).toBeUndefined();
  });

  test('are read back for the page, also of a sample of which nothing is whole yet', async () => {
    await projection.apply(scans(null, 1n, [7], part(7, 40)));
    const reader = redisReader({
      ...{ redis: redisSettings(readConfig({ REDIS_URL: url })), prefix },
      ...{ onState: () => {}, onError: () => {} },
    });
    await until(() =>
      reader.snapshot().then(
        () => true,
        () => false,
      ),
    );
    const { samples } = await reader.snapshot();
    reader.close();
    expect(samples).toMatchObject([
      {
        latest: { scanId: 'scan-7/first-40' },
        measured: { partialOf: 'scan-7' },
        ...{ trail: [], counts: { scans: 0 } },
      },
    ]);
  });
});

test('numbers that are not finite travel as null', async () => {
  const event = fixtureEvent(0, { sampleId: 'a' });
  const odd = {
    ...event,
    novelty: Number.NaN,
    descriptors: event.descriptors.map((descriptor) => ({ ...descriptor, high: Number.POSITIVE_INFINITY })),
    means: event.means.map((mean) => ({ ...mean, low: Number.NEGATIVE_INFINITY })),
    mixedSites: Number.NaN,
    change: { ...fixtureEvent(1).change!, value: Number.NaN },
  };
  await projection.apply({
    ...scans(null, 1n, []),
    kind: 'scan',
    messages: [{ event: odd, bytes: descriptorsBytes(odd) }],
  });
  const row = JSON.parse((await redis.hget(keys.sample('a'), 'latest')) ?? '');
  expect(row.outOfDistributionScore).toBeNull();
  expect(row.descriptors[0].high).toBeNull();
  expect(row.means[0].low).toBeNull();
  expect(row.mixedSites).toBeNull();
  expect(row.change.value).toBeNull();
});

test('a row has the means over the sites, and stays small', async () => {
  await projection.apply(scans(null, 2n, [0, 50], { sigma: 0.005 }));
  const text = (await redis.hget(keys.sample('a'), 'latest'))!;
  const row = JSON.parse(text);
  expect(row.means.map(({ name }: { name: string }) => name)).toEqual(['OS', 'CN', 'OCN']);
  expect(row.means[0]).toEqual({
    name: 'OS',
    value: expect.closeTo(3.275, 1),
    low: expect.any(Number),
    high: expect.any(Number),
    verdict: 'ACCEPT',
    reason: 'ok',
    method: 'network',
  });
  expect(row.mixedSites).toBeGreaterThan(0.5);
  expect(row.change).toMatchObject({ name: 'OS', since: 'co-cell-2026-11/a/0' });
  expect(text.length).toBeLessThan(2_000);
});

test('the mean oxidation state counts for the sample where there is one, else the class', async () => {
  // Half charged: the class is flagged, for the sites differ; the mean is accepted.
  await projection.apply(scans(null, 1n, [0], { sigma: 0.005, lithium: 0.5 }));
  await projection.apply(scans(1n, 2n, [0], { sigma: 0.005, lithium: 0.5, means: false, sampleId: 'b' }));
  expect(await redis.hgetall(keys.sample('a'))).toMatchObject({ ACCEPT: '1' });
  expect(await redis.hgetall(keys.sample('b'))).toMatchObject({ FLAG: '1', 'FLAG mixed-sites': '1' });
  const [, value, verdict] = JSON.parse((await redis.lindex(keys.sampleTrail('a'), 0))!);
  expect(value).toBeCloseTo(3.5, 1);
  expect(verdict).toBe('ACCEPT');
});

test('a projection on a host whose clock is a day off is seen, and sees the others', async () => {
  const report = { projectionLag: 1, scansWaiting: null, scansIn: null };
  const off = redisProjection({
    redis: redisSettings(readConfig({ REDIS_URL: url })),
    prefix,
    nowMs: () => Date.now() + 86_400_000,
    limits: LIMITS,
  });
  await until(() =>
    off.report('fast', report).then(
      () => true,
      () => false,
    ),
  );
  await projection.report('right', report);
  await off.report('fast', report);
  off.close();
  expect(Object.keys(await redis.hgetall(keys.projections)).sort()).toEqual(['fast', 'right']);
  const reader = redisReader({
    redis: redisSettings(readConfig({ REDIS_URL: url })),
    prefix,
    onState: () => {},
    onError: () => {},
  });
  const seen = () => reader.projections().catch(() => null);
  await until(async () => (await seen()) !== null);
  expect(await seen()).toMatchObject({ projectionLag: 2 });
  reader.close();
});

test('a projection that fell silent is forgotten', async () => {
  const report = { projectionLag: 1, scansWaiting: null, scansIn: null };
  await redis.hset(keys.projections, 'dead', JSON.stringify({ ...report, at: 1_000 }));
  await projection.report('alive', report);
  expect(Object.keys(await redis.hgetall(keys.projections))).toEqual(['alive']);
});

test('says by which policy Redis drops what it has no room for', async () => {
  const own = await startRedis();
  const asks = redisProjection({
    redis: redisSettings(readConfig({ REDIS_URL: own.url })),
    prefix,
    nowMs: Date.now,
  });
  const admin = new Redis(own.url);
  const policy = () => asks.evictionPolicy().catch(() => undefined);
  try {
    await until(async () => (await policy()) === 'noeviction');
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    expect(await policy()).toBe('allkeys-lru');
    await admin.call('ACL', 'SETUSER', 'default', '-info');
    expect(await policy()).toBeNull();
  } finally {
    asks.close();
    admin.disconnect();
    await own.close();
  }
});

test('goes on when the master behind its address has become a replica', async () => {
  const [first, second] = [await startRedis(), await startRedis()];
  const port = (service: { readonly url: string }) => Number(new URL(service.url).port);
  const [a, b] = [new Redis(first.url), new Redis(second.url)];
  let master = port(first);
  const address = createServer((client) => {
    const server = connect(master, '127.0.0.1');
    for (const socket of [client, server]) socket.on('error', () => {});
    client.pipe(server).pipe(client);
  });
  await new Promise<void>((resolve) => address.listen(0, '127.0.0.1', resolve));
  const at = { host: '127.0.0.1', port: (address.address() as AddressInfo).port };
  const writes = redisProjection({ redis: at, prefix, nowMs: Date.now, limits: LIMITS });
  // The control: the same client without what it does about READONLY.
  const stays = new Redis({ ...at, maxRetriesPerRequest: 0 });
  const works = (call: () => Promise<unknown>) =>
    call().then(
      () => true,
      () => false,
    );
  const apply = (from: bigint | null, to: bigint) => () => writes.apply(scans(from, to, [Number(to)]));
  try {
    await b.replicaof('127.0.0.1', port(first));
    await until(() => works(apply(null, 1n)));
    await stays.set('x', 1);
    await until(async () => (await b.hget(keys.positions, 't/0')) === '1');
    await b.replicaof('NO', 'ONE');
    await a.replicaof('127.0.0.1', port(second));
    master = port(second);
    await until(() => works(apply(1n, 2n)));
    expect(await b.hget(keys.positions, 't/0')).toBe('2');
    await expect(stays.set('x', 2)).rejects.toThrow('READONLY');
  } finally {
    for (const client of [a, b, stays]) client.disconnect();
    writes.close();
    await new Promise((resolve) => address.close(resolve));
    await Promise.all([first.close(), second.close()]);
  }
});
