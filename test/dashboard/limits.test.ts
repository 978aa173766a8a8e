import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Events } from '../../dashboard/protocol/events.ts';
import { isBefore } from '../../dashboard/protocol/is-before.ts';
import { until } from '../until.ts';
import { launchBrowser } from './browser.ts';
import { feedProjection, type ProjectionFeed } from './feed-projection.ts';
import { fixtureEvent } from './fixture-events.ts';
import {
  buildPage,
  connected,
  fromJson,
  metric,
  openSocket,
  startDashboard,
  type TestDashboard,
  type TestSocket,
} from './start-dashboard.ts';

const redisUrl = process.env.REDIS_URL_TEST ?? '';
const SAMPLE = 'LCO cell 3, spot A';
const QUESTIONS = 10_000;
/** The same server without limits: each attack below gets through there, so that each test can fail. */
const WITHOUT_LIMITS = {
  DASHBOARD_SOCKETS: '100000',
  DASHBOARD_SOCKETS_PER_ADDRESS: '100000',
  DASHBOARD_IN_FLIGHT: '1000000',
  DASHBOARD_POINTS_PER_PAGE: '1000000',
  DASHBOARD_POINTS_PER_ADDRESS: '1000000',
  DASHBOARD_POINTS_IN_ALL: '1000000',
  DASHBOARD_PENDING_BYTES: '10000000000',
};

let redis: Redis;
let prefix: string;
let feed: ProjectionFeed;
let closers: (() => unknown)[];

beforeAll(() => {
  buildPage();
  redis = new Redis(redisUrl);
});
afterAll(() => redis.disconnect());

beforeEach(async () => {
  prefix = `limits-${randomUUID()}:`;
  closers = [];
  feed = await feedProjection(redisUrl, prefix);
  closers.push(() => feed.close());
  await feed.scans(Array.from({ length: 250 }, (_, i) => fixtureEvent(i)));
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<TestDashboard> {
  const server = await startDashboard({ REDIS_URL: redisUrl, REDIS_PREFIX: prefix, ...env });
  closers.push(() => server.stop());
  await until(async () => (await fetch(`${server.url}/readyz`)).ok);
  return server;
}

async function socketOf(server: TestDashboard): Promise<TestSocket> {
  const socket = openSocket(server.url);
  closers.push(() => socket.close());
  await connected(socket);
  return socket;
}

/**
 * A page as far as its data go: it catches up, and then counts what is sent to it. As the page does, it asks again when
 * the server refuses or its end has gone on without it.
 */
async function watch(server: TestDashboard): Promise<() => number> {
  const socket = await socketOf(server);
  const snapshot = await socket.emitWithAck('snapshot');
  if ('unavailable' in snapshot) throw new Error(snapshot.unavailable);
  let { cursor } = fromJson(snapshot);
  let seen = 0;
  const take = ({ entries, to }: Events) => {
    seen += entries.filter(({ id }) => isBefore(cursor.id, id)).length;
    if (isBefore(cursor.id, to.id)) cursor = to;
  };
  const catchUp = async () => {
    const page = await socket.emitWithAck('follow', cursor);
    if (page !== null && !('unavailable' in page)) take(fromJson(page.events));
  };
  await catchUp();
  socket.on('events', (events) => {
    if (isBefore(cursor.id, events.from.id)) void catchUp();
    else take(events);
  });
  socket.on('status', ({ end }) => {
    if (isBefore(cursor.id, end.id)) void catchUp();
  });
  return () => seen;
}

/**
 * Calls of one command since Redis began. Of these tests only a history, and a snapshot for each sample, call LRANGE.
 */
async function calls(command: string): Promise<number> {
  const line = (await redis.info('commandstats'))
    .split('\n')
    .find((l) => l.startsWith(`cmdstat_${command}:`));
  return Number(/calls=(\d+)/.exec(line ?? '')?.[1] ?? 0);
}

describe('a visitor who asks 10,000 times for a history', () => {
  let fed = 1000; // a scan that was fed before is shown once
  async function attack(server: TestDashboard) {
    const before = await calls('lrange');
    const beganMs = Date.now();
    const attacker = await socketOf(server);
    const answers = { rows: 0, refused: 0 };
    let ended: string | undefined;
    attacker.on('disconnect', (_, details) => {
      const { context } = (details ?? {}) as { context?: { code?: number; reason?: string } };
      ended = `${context?.code} ${context?.reason}`;
    });
    const seen = await watch(server);
    for (let i = 0; i < QUESTIONS; i++) {
      attacker.emit('history', SAMPLE, 0, (answer) => {
        if ('unavailable' in answer) answers.refused += 1;
        else answers.rows += 1;
      });
    }
    // Meanwhile a beamline goes on, and another page sees it.
    for (let i = 1; i <= 20; i++) {
      await feed.scans([fixtureEvent(++fed)]);
      await until(() => seen() >= i);
    }
    await until(() => ended !== undefined || answers.rows + answers.refused >= QUESTIONS);
    const windows = Math.ceil((Date.now() - beganMs) / 5000) + 1;
    return { answers, ended, windows, lrange: (await calls('lrange')) - before };
  }

  test('costs Redis a bounded number of commands, is told why and cut off; another page sees every scan', async () => {
    const { answers, ended, windows, lrange } = await attack(await start());
    const most = (windows * 5 * 60) / 5; // points of so many windows of 5 s, at 5 points a question
    expect(lrange).toBeLessThanOrEqual(most + 5 * windows); // and a snapshot a second
    expect(answers.rows).toBeLessThanOrEqual(most);
    expect(ended).toMatch(/^4029 Too many packets: 600 a second/);
  });

  test('who asks for too much without flooding stays, and every question has its answer or the reason', async () => {
    const socket = await socketOf(await start());
    const told: string[] = [];
    socket.on('refused', (reason) => told.push(reason));
    const answers = await Promise.all(
      Array.from({ length: 400 }, () => socket.emitWithAck('history', SAMPLE, 0)),
    );
    const refused = answers.flatMap((answer) => ('unavailable' in answer ? [answer.unavailable] : []));
    expect(answers.length - refused.length).toBeLessThanOrEqual(60);
    for (const reason of refused)
      expect(reason).toMatch(/^Too many questions (from this page|at once)|too slowly/);
    await until(() => told.length > 0);
    expect(told[0]).toMatch(/^Too many questions/);
    expect(socket.connected).toBe(true);
  });

  test('who comes again and again is held by the limit of the address', async () => {
    const server = await start({ DASHBOARD_POINTS_PER_ADDRESS: '100' });
    const before = await calls('lrange');
    const beganMs = Date.now();
    let refused = 0;
    for (let round = 0; round < 60; round++) {
      const socket = openSocket(server.url);
      const inside = await connected(socket).then(
        () => true,
        () => false,
      );
      if (!inside) refused += 1;
      else {
        await Promise.all(
          Array.from({ length: 6 }, () => socket.emitWithAck('history', SAMPLE, 0).catch(() => null)),
        );
      }
      socket.close();
    }
    const windows = Math.ceil((Date.now() - beganMs) / 5000) + 1;
    expect(refused).toBeGreaterThan(0);
    expect((await calls('lrange')) - before).toBeLessThanOrEqual((windows * 5 * 100) / 5);
  });
});

describe('sockets', () => {
  function hundred(server: TestDashboard): TestSocket[] {
    const sockets = Array.from({ length: 100 }, () => openSocket(server.url));
    closers.push(() => {
      for (const socket of sockets) socket.close();
    });
    return sockets;
  }

  test('more than the limit of an address are refused, and a page can read why', async () => {
    const server = await start({ DASHBOARD_SOCKETS_PER_ADDRESS: '3' });
    const first = [await socketOf(server), await socketOf(server), await socketOf(server)];
    await expect(connected(openSocket(server.url))).rejects.toThrow();
    expect(await (await fetch(`${server.url}/visitor`)).json()).toMatchObject({
      refused: expect.stringMatching(/Too many pages from this address: 3/),
    });
    first[0]!.close();
    await until(async () => (await metric(server.url, 'xanes_dashboard_sockets')) === 2);
    await socketOf(server);
  });

  test('a hundred that open at once do not slip through', async () => {
    const server = await start({ DASHBOARD_SOCKETS: '10' });
    const sockets = hundred(server);
    await Promise.allSettled(sockets.map(connected));
    await until(async () => (await metric(server.url, 'xanes_dashboard_sockets')) <= 10);
    expect(sockets.filter((socket) => socket.connected).length).toBeLessThanOrEqual(10);
  });

  test('control: without limits all hundred are in', async () => {
    const server = await start(WITHOUT_LIMITS);
    const sockets = hundred(server);
    await Promise.all(sockets.map(connected));
    expect(await metric(server.url, 'xanes_dashboard_sockets')).toBe(100);
  });
});

describe('a reader that takes nothing', () => {
  /** Asks on and reads nothing, until so much is pending that the limit says no or all questions are out. */
  async function attack(server: TestDashboard) {
    const socket = await socketOf(server);
    let ended: string | undefined;
    socket.on('disconnect', (_, details) => {
      const { context } = (details ?? {}) as { context?: { code?: number; reason?: string } };
      ended = `${context?.code} ${context?.reason}`;
    });
    const wire = (socket.io.engine.transport as unknown as { ws: { _socket: import('node:net').Socket } }).ws
      ._socket;
    wire.pause();
    let mostPending = 0;
    for (let round = 0; round < 40; round++) {
      for (let i = 0; i < 5; i++) socket.emit('history', SAMPLE, 0, () => {});
      await new Promise((resolve) => setTimeout(resolve, 100));
      mostPending = Math.max(mostPending, await metric(server.url, 'xanes_dashboard_pending_bytes'));
      if (await metric(server.url, 'xanes_dashboard_dismissed_total', '{cause="slow"}')) break;
    }
    wire.resume();
    return { mostPending, ended: () => ended };
  }
  const POINTS = { DASHBOARD_POINTS_PER_PAGE: '1000', DASHBOARD_POINTS_PER_ADDRESS: '10000' };

  test('is disconnected with a reason before it holds much memory', async () => {
    const server = await start({ ...POINTS, DASHBOARD_PENDING_BYTES: '200000' });
    const { mostPending, ended } = await attack(server);
    await until(() => ended() !== undefined);
    expect(ended()).toMatch(/^4008 This page reads too slowly/);
    expect(mostPending).toBeLessThan(4_000_000);
  });

  test('control: without the limit what is pending grows with every question', async () => {
    const { mostPending, ended } = await attack(await start(WITHOUT_LIMITS));
    expect(ended()).toBeUndefined();
    expect(mostPending).toBeGreaterThan(10_000_000);
  });
});

test('a hundred pages that open within a second cost Redis one snapshot or two', async () => {
  const server = await start();
  const before = await calls('evalsha');
  const sockets = await Promise.all(Array.from({ length: 40 }, () => socketOf(server)));
  const beganMs = Date.now();
  const answers = await Promise.all(sockets.map((socket) => socket.emitWithAck('snapshot')));
  const seconds = Math.ceil((Date.now() - beganMs) / 1000);
  for (const answer of answers) expect('unavailable' in answer).toBe(false);
  expect((await calls('evalsha')) - before).toBeLessThanOrEqual(seconds + 1);
});

test('a page that is refused says so, and goes on when it may', async () => {
  const server = await start({ DASHBOARD_POINTS_PER_PAGE: '2' });
  const browser = await launchBrowser();
  closers.push(() => browser.close());
  const page = await browser.newPage();
  await page.goto(server.url);
  const message = page.locator('.message');
  await until(async () => /refuses this page: Too many questions/.test((await message.textContent()) ?? ''));
  const reads = async () => (await page.locator('.timelines').getAttribute('data-scans')) === '250';
  await until(async () => (await page.locator('.cell-connection .cell-value').textContent()) === 'live');
  await until(reads);
});
