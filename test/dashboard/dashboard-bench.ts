import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { RunningProcess } from '../../demo/services/start-process.ts';
import { until, untilPasses } from '../until.ts';
import { launchBrowser } from './browser.ts';
import { feedProjection, type ProjectionFeed } from './feed-projection.ts';
import { type FixtureOptions, fixtureEvent } from './fixture-events.ts';
import { buildPage, startDashboard } from './start-dashboard.ts';

/** How the page says when, as a pattern: with the day where that is another one, as in the hour after midnight. */
export const MOMENT = String.raw`(\d{1,2} [A-Z][a-z]{2,3} )?\d\d:\d\d`;

/** What a test of the page works with; the part in it that changes is made anew for each test. */
export type DashboardBench = {
  browser: Browser;
  redis: Redis;
  /** Of the keys that this test writes. */
  prefix: string;
  feed: ProjectionFeed;
  /** Called in reverse when the test is over. */
  readonly closers: (() => unknown)[];
  start(options?: {
    port?: number;
    url?: string;
    env?: Readonly<Record<string, string>>;
  }): Promise<RunningProcess & { port: number }>;
  /** A page of a server on `port`; what goes wrong in it fails the test. */
  open(port: number, options?: BrowserContextOptions & { hash?: string }): Promise<Page>;
  /** Waits until what is seen of the first that matches `selector` matches `expected`. */
  untilText(page: Page, selector: string, expected: RegExp): Promise<void>;
};

export const LAPTOP = { viewport: { width: 1440, height: 900 } };

/** Less than a test may take where others have the cores, so that it ends with what was seen. */
const UNTIL_TEXT_MS = 150_000;

/** Registers the hooks that start and end a browser, and for each test a projection of its own. */
export function dashboardBench(redisUrl: string): DashboardBench {
  const pageErrors: string[] = [];
  const made: Omit<DashboardBench, 'browser' | 'redis' | 'prefix' | 'feed'> = {
    closers: [],
    async start({ port, url = redisUrl, env = {} } = {}) {
      const server = await startDashboard({
        ...(port && { PORT: `${port}` }),
        ...{ REDIS_URL: url, REDIS_PREFIX: bench.prefix, ...env },
      });
      bench.closers.push(() => server.stop());
      return server;
    },
    async open(port, { hash = '', ...options } = {}) {
      const context = await bench.browser.newContext({ ...LAPTOP, ...options });
      bench.closers.push(() => context.close());
      const page = await context.newPage();
      page.on('pageerror', (error) => pageErrors.push(error.message));
      page.on('console', (message) => {
        const lost = /ERR_CONNECTION|WebSocket|net::ERR/.test(message.text()); // the browser's own words on a cut line
        if (message.type() === 'error' && !lost) pageErrors.push(message.text());
      });
      await page.goto(`http://127.0.0.1:${port}/${hash}`);
      return page;
    },
    async untilText(page, selector, expected) {
      await untilPasses(async () => {
        const seen = { [selector]: await textOf(page, selector) };
        expect(seen).toEqual({ [selector]: expect.stringMatching(expected) }); // says where, too
      }, UNTIL_TEXT_MS);
    },
  };
  const bench = made as DashboardBench; // the rest comes with the hooks

  beforeAll(async () => {
    buildPage();
    bench.browser = await launchBrowser();
    bench.redis = new Redis(redisUrl);
  });
  afterAll(async () => {
    bench.redis.disconnect();
    await bench.browser.close();
  });
  beforeEach(async () => {
    bench.prefix = `dashboard-${randomUUID()}:`;
    const feed = await feedProjection(redisUrl, bench.prefix);
    bench.feed = feed;
    bench.closers.push(() => feed.close());
    const alive = setInterval(() => void feed.alive().catch(() => {}), 1000);
    bench.closers.push(() => clearInterval(alive));
    await feed.alive();
  });
  afterEach(async () => {
    for (const close of bench.closers.splice(0).reverse()) await close();
    expect(pageErrors.splice(0)).toEqual([]);
  });
  return bench;
}

/** Scans of one sample, one a second, the last one now. */
export const scans = (from: number, count: number, options: FixtureOptions = {}) =>
  Array.from({ length: count }, (_, i) =>
    fixtureEvent(from + i, { endedAt: Date.now() - (count - 1 - i) * 1000, ...options }),
  );

// biome-ignore lint/performance/useDomNodeTextContent: Playwright's, and what is seen is what counts
export const textOf = (page: Page, selector: string) => page.locator(selector).first().innerText();

/** Where something is drawn: plots are made anew when their axis changes, and are nowhere meanwhile. */
export async function boxOf(page: Page, selector: string) {
  type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  const found: Box[] = [];
  await until(async () => {
    const box = await page.locator(selector).boundingBox();
    if (box !== null) found.push(box);
    return box !== null;
  });
  return found[0]!;
}

/** How many scans of the chosen sample are drawn. */
export const drawn = async (page: Page) =>
  Number(await page.locator('.timelines').getAttribute('data-scans'));
