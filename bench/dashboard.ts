// node --import tsx bench/dashboard.ts: browsers on one dashboard server while scans come.

import { setTimeout } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright-core';
import { startRedis } from '../demo/services/start-redis.ts';
import { parseFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { launchBrowser } from '../test/dashboard/browser.ts';
import { feedProjection } from '../test/dashboard/feed-projection.ts';
import { fixtureEvent } from '../test/dashboard/fixture-events.ts';
import { buildPage, startDashboard } from '../test/dashboard/start-dashboard.ts';
import { wholeNumber } from '../workbench/number-flags.ts';
import { cpuMs, peakMemoryMb } from './process-usage.ts';

const HELP = `Browsers on one dashboard server and one Redis while scans come: frames a second, memory and bytes a
second of each page, CPU and memory of the server. The scans' own times cover --hours, however fast they come.

  node --import tsx bench/dashboard.ts [options]

  --browsers N  pages, each of a browser context of its own, a third of them on each of three tabs [10]
  --rate N      scans/s [100]
  --samples N   [500]
  --seconds N   how long scans come; what came is told where the machine cannot send as many [60]
  --hours N     that their own times cover [8]
  --quick       3 pages, 50 scans/s, 100 samples, 15 s, unless given
  --json        one JSON object
  --help`;

const GATHER_MS = 100;
const WHOLE = { browsers: '10', rate: '100', samples: '500', seconds: '60' };
const QUICK = { browsers: '3', rate: '50', samples: '100', seconds: '15' };
const TABS = ['descriptors', 'spectra', 'conditions'];

type PageFigures = {
  framesPerS: number;
  heapMbBefore: number;
  heapMbAfter: number;
  kbPerS: number;
  scans: number;
};

await runCommand(async () => {
  const { values: flags } = parseFlags({
    options: {
      browsers: { type: 'string' },
      rate: { type: 'string' },
      samples: { type: 'string' },
      seconds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      hours: { type: 'string', default: '8' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const sizes = flags.quick ? QUICK : WHOLE;
  const size = (name: keyof typeof WHOLE) => wholeNumber(name, flags[name] ?? sizes[name]);
  const [browsers, rate, samples, seconds] = [
    size('browsers'),
    size('rate'),
    size('samples'),
    size('seconds'),
  ];
  const hours = wholeNumber('hours', flags.hours);
  buildPage();
  const redis = await startRedis();
  const prefix = 'bench:';
  const feed = await feedProjection(redis.url, prefix);
  const alive = setInterval(() => void feed.alive().catch(() => {}), 1000);
  const server = await startDashboard({ REDIS_URL: redis.url, REDIS_PREFIX: prefix });
  const browser = await launchBrowser();
  try {
    const total = rate * seconds;
    const beganMs = Date.now() - hours * 3_600_000;
    const scan = (i: number) =>
      fixtureEvent(Math.floor(i / samples), {
        sampleId: `grid ${i % samples}`,
        endedAt: Math.round(beganMs + (i / total) * hours * 3_600_000),
      });
    for (let i = 0; i < samples; i += 100)
      await feed.scans(Array.from({ length: Math.min(100, samples - i) }, (_, k) => scan(i + k)));
    const pages = await Promise.all(
      Array.from({ length: browsers }, async (_, i) => {
        const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
        const page = await context.newPage();
        await page.goto(`${server.url}/#show=${TABS[i % TABS.length]}`);
        await page
          .locator('.sample')
          .nth(samples - 1)
          .waitFor({ state: 'attached', timeout: 300_000 });
        progress(`page ${i + 1} is open`);
        return watched(page);
      }),
    );
    const { pid } = server;
    const cpuBefore = cpuMs(pid);
    const before = await Promise.all(pages.map((page) => page.begin()));
    const startedMs = performance.now();
    let sent = 0;
    for (let passedMs = 0; passedMs < 1000 * seconds; passedMs = performance.now() - startedMs) {
      const due = Math.min(100, Math.floor((passedMs / 1000) * rate) - sent);
      if (due > 0) await feed.scans(Array.from({ length: due }, (_, k) => scan(samples + sent + k)));
      sent += Math.max(0, due);
      await setTimeout(GATHER_MS);
    }
    progress(`${sent} scans were sent`);
    const tookS = (performance.now() - startedMs) / 1000;
    const cpu = (cpuMs(pid) - cpuBefore) / (1000 * tookS);
    await setTimeout(3000); // what is on its way is drawn
    const figures = await Promise.all(pages.map((page, i) => page.end(before[i]!)));
    report(
      { figures, wanted: samples + sent, rate: sent / tookS, cpu, memoryMb: peakMemoryMb(pid) },
      flags.json,
    );
  } finally {
    clearInterval(alive);
    await browser.close();
    await server.stop();
    feed.close();
    await redis.close();
  }
});

type Mark = {
  readonly frames: number;
  readonly bytes: number;
  readonly heapMb: number;
  readonly atMs: number;
};

async function watched(page: Page) {
  const session = await page.context().newCDPSession(page);
  let bytes = 0;
  await session.send('Network.enable');
  session.on('Network.webSocketFrameReceived', ({ response }) => {
    bytes += response.opcode === 1 ? response.payloadData.length : 0.75 * response.payloadData.length; // base64
  });
  await page.evaluate(`(() => {
    window.frames_ = 0;
    const count = () => { window.frames_ += 1; requestAnimationFrame(count); };
    requestAnimationFrame(count);
  })()`);
  const mark = async (): Promise<Mark> => ({
    frames: (await page.evaluate('window.frames_')) as number,
    heapMb: await heapMb(session),
    bytes,
    atMs: performance.now(),
  });
  return {
    begin: mark,
    async end(before: Mark): Promise<PageFigures> {
      const after = await mark();
      const seconds = (after.atMs - before.atMs) / 1000;
      // biome-ignore lint/performance/useDomNodeTextContent: Playwright's, and what is seen is what counts
      const words = await page.locator('.message').innerText();
      return {
        framesPerS: (after.frames - before.frames) / seconds,
        heapMbBefore: before.heapMb,
        heapMbAfter: after.heapMb,
        kbPerS: (after.bytes - before.bytes) / 1000 / seconds,
        scans: Number(/([\d,]+) scans/.exec(words)?.[1]?.replaceAll(',', '')),
      };
    },
  };
}

function progress(what: string): void {
  process.stderr.write(`${what}\n`);
}

/** Of the page's JavaScript, after its garbage was collected. */
async function heapMb(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize / 1e6;
}

type Result = {
  readonly figures: readonly PageFigures[];
  readonly wanted: number;
  readonly rate: number;
  readonly cpu: number;
  readonly memoryMb: number;
};

function report({ figures, wanted, rate, cpu, memoryMb }: Result, json: boolean): void {
  if (json) {
    console.log(JSON.stringify({ figures, wanted, rate, cpu, memoryMb }));
    return;
  }
  const spread = (of: (page: PageFigures) => number, digits: number) => {
    const values = figures.map(of).sort((a, b) => a - b);
    return [values[0]!, values[values.length >> 1]!, values.at(-1)!]
      .map((value) => value.toFixed(digits))
      .join(' / ');
  };
  console.log(`${figures.length} pages, ${rate.toFixed(0)} scans/s; least / median / most of the pages:`);
  console.log(`frames/s              ${spread((page) => page.framesPerS, 1)}`);
  console.log(`heap before, MB       ${spread((page) => page.heapMbBefore, 1)}`);
  console.log(`heap after, MB        ${spread((page) => page.heapMbAfter, 1)}`);
  console.log(`received, kB/s        ${spread((page) => page.kbPerS, 1)}`);
  console.log(`scans counted         ${spread((page) => page.scans, 0)} of ${wanted}`);
  console.log(
    `server                ${(100 * cpu).toFixed(0)} % of a core, ${memoryMb.toFixed(0)} MB at most`,
  );
}
