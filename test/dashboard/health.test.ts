import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { startRedis } from '../../demo/services/start-redis.ts';
import { until } from '../until.ts';
import { buildPage, connected, openSocket, startDashboard, type TestDashboard } from './start-dashboard.ts';

const WORD = 'the word of this test';

let closers: (() => unknown)[] = [];
beforeAll(buildPage);
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

/** A Redis of its own, of which an administrator changes the password. */
async function lockedRedis(password: string) {
  const { url, close } = await startRedis();
  const admin = new Redis(url);
  closers.push(close, () => admin.disconnect());
  const lock = (word: string) => admin.config('SET', 'requirepass', word);
  await lock(password);
  return {
    url,
    lock,
    async cut() {
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    },
  };
}

async function dashboardOf(url: string): Promise<TestDashboard> {
  const server = await startDashboard({ REDIS_URL: url, REDIS_PASSWORD: WORD });
  closers.push(() => server.stop());
  return server;
}

async function readyz({ url }: TestDashboard): Promise<{ status: number; reason?: string }> {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, ...((await response.json()) as object) };
}

const untilReady = (servers: readonly TestDashboard[]) =>
  until(async () => (await Promise.all(servers.map(readyz))).every(({ status }) => status === 200));

describe('a dashboard whose password Redis refuses', () => {
  test('stays, says why it is not ready, and works with the others as soon as it is let in', async () => {
    const redis = await lockedRedis('another word');
    const servers = [await dashboardOf(redis.url), await dashboardOf(redis.url)];
    for (const server of servers) {
      await until(async () => /WRONGPASS/.test((await readyz(server)).reason ?? ''));
      expect((await readyz(server)).status).toBe(503);
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      expect((await fetch(`${server.url}/metrics`)).status).toBe(200);
      expect((await fetch(server.url)).status).toBe(200);
    }
    await redis.lock(WORD);
    await untilReady(servers);
    // What crosses servers by subscriptions: each is asked how many pages it has.
    const counts = servers.map(({ url }) => {
      const socket = openSocket(url);
      closers.push(() => socket.disconnect());
      const seen = { viewers: 0, socket };
      socket.on('viewers', (count) => {
        seen.viewers = count;
      });
      return seen;
    });
    await Promise.all(counts.map(({ socket }) => connected(socket)));
    await until(async () => counts.every(({ viewers }) => viewers === 2));

    // The password is changed under the servers: they lose their connections, and are let in by nobody.
    await redis.lock('a third word');
    await redis.cut();
    for (const server of servers) await until(async () => (await readyz(server)).status === 503);
    await redis.lock(WORD);
    await untilReady(servers);
    const third = openSocket(servers[0]!.url);
    closers.push(() => third.disconnect());
    await connected(third);
    await until(async () => counts.every(({ viewers }) => viewers === 3));
    for (const { output } of servers) expect(output()).not.toMatch(/"level":[56]0/);
  }, 120_000);

  test('ends with 0 on SIGTERM', async () => {
    const redis = await lockedRedis('another word');
    const server = await dashboardOf(redis.url);
    await until(async () => /WRONGPASS/.test((await readyz(server)).reason ?? ''));
    const beganMs = performance.now();
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(performance.now() - beganMs).toBeLessThan(40_000); // its own deadline is 8 s; machines may be slow
  });
});
