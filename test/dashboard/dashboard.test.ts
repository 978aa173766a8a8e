import { randomUUID } from 'node:crypto';
import { get } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { io } from 'socket.io-client';
import { startRedis } from '../../demo/services/start-redis.ts';
import { projectionKeys } from '../../src/messages/projection.ts';
import { endedRun, startedRun } from '../../src/messages/run.ts';
import { until, untilPasses } from '../until.ts';
import { dashboardBench, drawn, scans, textOf } from './dashboard-bench.ts';
import { feedProjection } from './feed-projection.ts';
import { fixtureDeadLetter, fixtureEvent } from './fixture-events.ts';
import { tcpProxy } from './tcp-proxy.ts';

const redisUrl = process.env.REDIS_URL_TEST ?? '';
const SAMPLE = 'LCO cell 3, spot A';
const bench = dashboardBench(redisUrl);

/** What the counts say, which know nothing of the rows: a scan that were counted twice would show here. */
const untilCounted = (page: Page, count: number) =>
  bench.untilText(page, '.sentence', new RegExp(`\\b${count} scans`));
const untilLive = (page: Page) => bench.untilText(page, '.cell-connection .cell-value', /^live$/);

describe('live', () => {
  test('an empty page says so, and the first scan appears by itself', async () => {
    const { port } = await bench.start();
    const page = await bench.open(port);
    await untilLive(page);
    await untilPasses(async () =>
      expect(await textOf(page, '.empty-sample')).toMatch(/Waiting for the first scan/),
    );
    await bench.feed.scans(scans(0, 1));
    await bench.untilText(page, '.chosen h1', /LCO cell 3, spot A/);
    await bench.untilText(page, '.scan h2', /Scan 0/);
    await bench.feed.scans(scans(1, 1));
    await bench.untilText(page, '.scan h2', /Scan 1/);
    await bench.untilText(page, '.cell-shutter-to-screen .cell-value', /\d m?s \/ \d/);
    await until(async () => (await drawn(page)) === 2); // plots are drawn after the words
  });

  test('who comes late has the history', async () => {
    await bench.feed.scans(scans(0, 400));
    await bench.feed.deadLetters([fixtureDeadLetter(3)]);
    const { port } = await bench.start();
    const page = await bench.open(port);
    await until(async () => (await drawn(page)) === 400);
    await untilPasses(async () =>
      expect(await textOf(page, '.sentence')).toMatch(
        /^Co: mean oxidation state \+3.*of 400 scans rejected for noise/,
      ),
    );
    await page.locator('.timelines').focus();
    await page.keyboard.press('Home');
    await bench.untilText(page, '.scan h2', /Scan 0,/);
    await bench.untilText(page, '.scan', /7720\.\d eV/);
    await untilPasses(async () => expect(await textOf(page, '.dead-letters-bar')).toMatch(/1 dead letter/));
  });

  test("a reader's choice is kept while scans arrive, and following is taken up again", async () => {
    await bench.feed.scans(scans(0, 20));
    const { port } = await bench.start();
    const page = await bench.open(port);
    await until(async () => (await drawn(page)) === 20);
    await page.locator('.timelines').focus();
    await page.keyboard.press('ArrowLeft');
    await bench.untilText(page, '.scan h2', /Scan 18,/);
    await bench.feed.scans(scans(20, 5));
    await until(async () => (await drawn(page)) === 25);
    await untilPasses(async () => expect(await textOf(page, '.scan h2')).toMatch(/Scan 18,/));
    await untilPasses(async () => expect(await textOf(page, '.tag')).toBe('chosen'));
    await page.keyboard.press('f');
    await bench.untilText(page, '.scan h2', /Scan 24,/);
    await untilPasses(async () => expect(await textOf(page, '.follow')).toMatch(/Following/));
  });

  test('two servers show the same, and count their viewers together', async () => {
    const [one, two] = [await bench.start(), await bench.start()];
    const pages = [await bench.open(one.port), await bench.open(two.port)];
    for (const page of pages) await bench.untilText(page, '.cell-connection .cell-label', /2 watching/);
    for (let round = 0; round < 10; round++) await bench.feed.scans(scans(round * 7, 7));
    for (const page of pages) await until(async () => (await drawn(page)) === 70);
    const seen = await Promise.all(
      pages.map(async (page) => [
        await textOf(page, '.message'),
        await textOf(page, '.sentence'),
        await textOf(page, '.track-now'),
      ]),
    );
    expect(seen[0]).toEqual(seen[1]);
    await pages[1]!.close();
    await bench.untilText(pages[0]!, '.cell-connection .cell-label', /1 watching/);
  });
});

describe('a broken connection', () => {
  test('a killed server: the page says so, and catches up with the next one', async () => {
    const first = await bench.start();
    const page = await bench.open(first.port);
    await bench.feed.scans(scans(0, 10));
    await until(async () => (await drawn(page)) === 10);
    first.signal('SIGKILL');
    await first.exited;
    await bench.untilText(page, '.message', /Connection to the dashboard server lost at/);
    await untilPasses(async () => expect(await page.locator('html.old-data').count()).toBe(1));
    await bench.feed.scans(scans(10, 25));
    await bench.start({ port: first.port });
    await until(async () => (await drawn(page)) === 35);
    await untilCounted(page, 35);
    await untilPasses(async () => expect(await page.locator('html.old-data').count()).toBe(0));
    await bench.feed.scans(scans(35, 1));
    await untilCounted(page, 36);
    await until(async () => (await drawn(page)) === 36);
  });

  test('a cut line, again and again, while scans arrive: no gap, nothing twice', async () => {
    const { port } = await bench.start();
    const proxy = await tcpProxy(port);
    bench.closers.push(() => proxy.close());
    const page = await bench.open(proxy.port);
    await untilLive(page);
    let sent = 0;
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 10; i++) {
        await bench.feed.scans(scans(sent, 5));
        sent += 5;
        if (i === 3) proxy.cut();
        if (i === 6) proxy.mend();
      }
      await untilCounted(page, sent);
    }
    await until(async () => (await drawn(page)) === sent);
  });

  test('a place that the log no longer holds: everything is loaded anew', async () => {
    const { port } = await bench.start();
    const proxy = await tcpProxy(port);
    bench.closers.push(() => proxy.close());
    const page = await bench.open(proxy.port);
    await bench.feed.scans(scans(0, 10));
    await until(async () => (await drawn(page)) === 10);
    proxy.cut();
    await bench.untilText(page, '.message', /lost/);
    await bench.feed.scans(scans(10, 40));
    await bench.redis.xtrim(projectionKeys(bench.prefix).events, 'MAXLEN', '=', 5);
    proxy.mend();
    await until(async () => (await drawn(page)) === 50);
    await untilCounted(page, 50);
  });

  test('a projection that is rebuilt is shown as it is now', async () => {
    const { port } = await bench.start();
    const page = await bench.open(port);
    await bench.feed.scans(scans(0, 30));
    await until(async () => (await drawn(page)) === 30);
    const keys = await bench.redis.keys(`${bench.prefix}*`);
    await bench.redis.del(keys);
    await bench.untilText(page, '.empty-sample', /Waiting for the first scan/);
    await bench.feed.scans(scans(0, 12));
    await untilCounted(page, 12);
    await until(async () => (await drawn(page)) === 12);
  });

  test('Redis down is a state of its own, and passes', async () => {
    const own = await startRedis();
    const ownFeed = await feedProjection(own.url, bench.prefix);
    bench.closers.push(() => ownFeed.close());
    await ownFeed.scans(scans(0, 10));
    const { port } = await bench.start({ url: own.url });
    const page = await bench.open(port);
    await until(async () => (await drawn(page)) === 10);
    await own.close();
    await bench.untilText(page, '.message', /cannot reach Redis since \d\d:\d\d:\d\d/);
    await bench.untilText(page, '.cell-connection .cell-value', /no Redis/);
    expect(await drawn(page)).toBe(10); // what was seen stays, greyed
    const late = await bench.open(port); // who comes now is told too
    await bench.untilText(late, '.message', /cannot reach Redis/);
    const back = await startRedis({ port: Number(new URL(own.url).port) });
    bench.closers.push(() => back.close());
    const backFeed = await feedProjection(back.url, bench.prefix);
    bench.closers.push(() => backFeed.close());
    await backFeed.scans(scans(0, 15));
    for (const each of [page, late]) await until(async () => (await drawn(each)) === 15);
    await bench.untilText(page, '.cell-connection .cell-value', /live/);
  });

  test('a page is told when no projection process runs', async () => {
    const { port } = await bench.start();
    const page = await bench.open(port);
    await untilLive(page);
    bench.prefix = `dashboard-${randomUUID()}:`;
    const other = await bench.start();
    const lonely = await bench.open(other.port);
    await bench.untilText(lonely, '.message', /No projection process runs/);
    await untilPasses(async () =>
      expect(await textOf(page, '.message')).toMatch(/Waiting for the first scan/),
    );
  });
});

describe('what is shown', () => {
  const HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

  test('hostile text is text', async () => {
    await bench.feed.scans(
      scans(0, 3, { sampleId: HOSTILE, runId: `run ${HOSTILE}` }).map((event) => ({
        ...event,
        beamline: HOSTILE,
        adviceReason: HOSTILE,
        notes: [HOSTILE],
        metadata: { [HOSTILE]: HOSTILE },
        model: { ...event.model, id: HOSTILE },
        descriptors: event.descriptors.map((descriptor) => ({
          ...descriptor,
          verdict: 'FLAG' as const,
          reason: HOSTILE,
        })),
        standards: [HOSTILE],
        means: event.means.map((mean) => ({
          ...mean,
          verdict: 'FLAG' as const,
          reason: HOSTILE,
          method: HOSTILE,
        })),
        change: event.change && { ...event.change, since: HOSTILE },
      })),
    );
    const value = Buffer.from(HOSTILE);
    await bench.feed.deadLetters([
      fixtureDeadLetter(1, {
        reason: HOSTILE,
        detail: HOSTILE,
        sampleId: HOSTILE,
        value,
        headers: { [HOSTILE]: value },
      }),
    ]);
    const { port } = await bench.start();
    const page = await bench.open(port);
    await bench.untilText(page, '.chosen h1', /onerror/);
    await bench.untilText(page, '.scan .facts', /script/);
    await page.locator('.dead-letters-bar').click();
    await page.locator('.dead-letter').click();
    await bench.untilText(page, '.hex', /3c 69 6d 67/);
    await untilPasses(async () => expect(await textOf(page, '.chosen h1')).toBe(HOSTILE));
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.locator('img, main script').count()).toBe(0);
    for (const name of ['constructor', '__proto__', 'toString']) {
      await bench.feed.scans(scans(10, 1, { sampleId: name, scanId: name, runId: name }));
      await bench.untilText(page, '.sample-list', new RegExp(name));
    }
  });

  test('everything rejected: no value is offered', async () => {
    await bench.feed.scans(scans(0, 20, { sigma: 0.12 }));
    const { port } = await bench.start();
    const page = await bench.open(port);
    await bench.untilText(
      page,
      '.sentence',
      /no oxidation state can be read yet; all 20 scans rejected for noise/,
    );
    await bench.untilText(page, '.why', /noisier than this descriptor tolerates/);
    await untilPasses(async () =>
      expect(await textOf(page, '.cell-values-accepted .cell-value')).toBe('0 %'),
    );
    await untilPasses(async () => expect(await textOf(page, '.sample-group')).toMatch(/Needs attention/));
  });

  test("a value outside the model's classes is flagged in words", async () => {
    const [event] = scans(0, 1);
    const descriptors = event!.descriptors.map((descriptor) =>
      descriptor.name === 'OS'
        ? { ...descriptor, value: 4, low: 4, high: 4, verdict: 'FLAG' as const, reason: 'outside-classes' }
        : descriptor,
    );
    await bench.feed.scans([{ ...event!, descriptors }]);
    const { port } = await bench.start();
    const page = await bench.open(port);
    await bench.untilText(
      page,
      '.why',
      /OS flagged: the value lies outside the range of the training labels/,
    );
  });

  test('the mean over the sites: drawn, said and shown with its own interval, the class beside it', async () => {
    const some = scans(0, 60, { sigma: 0.005 }).map((event, i) => ({
      ...event,
      ...(i === 59 && { standards: ['LiCoO2 pellet'], energySigmaEv: 0.25 }),
    }));
    const newest = some.at(-1)!;
    await bench.feed.scans(some);
    const { port } = await bench.start();
    const page = await bench.open(port);
    await until(async () => (await drawn(page)) === 60);
    const { value, low, high } = newest.means[0]!;
    const half = ((high - low) / 2).toFixed(2).replace(/(0\.[2-9])\d/, '$1');
    const shown = `+${value.toFixed(half.length - 2)} ± ${half}`;
    const words = await textOf(page, '.sentence');
    expect(words).toContain(`mean oxidation state ${shown},`);
    expect(words).toMatch(/oxidising since/);
    await untilPasses(async () => expect(await textOf(page, '.track-value')).toBe(shown));
    await untilPasses(async () => expect(await textOf(page, '.track-meaning')).toBe('oxidation state, mean'));
    await untilPasses(async () => expect(await textOf(page, '.track-single')).toBe('class +3, flagged'));
    await bench.untilText(page, '.means', /Means over all sites, 90% intervals/);
    const means = await textOf(page, '.means');
    expect(means).toContain(shown);
    expect(means).toMatch(/OS\s+\+3\.\d+ ± 0\.\d+\s+the model alone\s+accepted/);
    await bench.untilText(page, '.mean-facts', /Sites differ\s+\d+% likely/);
    const change = /Change of OS\s+\+0\.\d+ ± 0\.\d+ since scan 0, \d\d:\d\d:\d\d/;
    await bench.untilText(page, '.mean-facts', change); // the scan's number comes with the history
    await untilPasses(async () =>
      expect(await textOf(page, '.mean-facts')).toMatch(
        /Energy shift\s+\+0\.35 ± 0\.25 eV, from the table for feff10\s+Standards\s+LiCoO2 pellet/,
      ),
    );
    await untilPasses(async () =>
      expect(await textOf(page, '.why')).toMatch(
        /OS \(trust 0\.52 of 0\.60\) flagged: sites of the sample differ/,
      ),
    );
  });

  test('a scan that is still being measured is shown beside the others, marked, until it is whole', async () => {
    await bench.feed.scans(scans(0, 3));
    const { port } = await bench.start();
    const page = await bench.open(port);
    await until(async () => (await drawn(page)) === 3);
    const part = (points: number) => ({ scanId: `whole/first-${points}`, partialOf: 'whole', sigma: 0.005 });
    await bench.feed.scans([fixtureEvent(3, part(40))]);
    await bench.untilText(page, '.tag', /^◐ still being measured$/);
    await bench.untilText(page, '.scan h2', /Scan 3,/);
    expect(await textOf(page, '.measured')).toMatch(
      /^◐ Scan 3 is still being measured: mean oxidation state \+3.* so far, accepted; the whole takes its place\.$/,
    );
    expect(await drawn(page)).toBe(3);
    await untilPasses(async () => expect(await textOf(page, '.sentence')).toMatch(/3 scans/));
    // Who comes in the middle sees the same.
    const late = await bench.open(port);
    await bench.untilText(late, '.measured', /^◐ Scan 3 is still/);
    await until(async () => (await drawn(late)) === 3);
    await bench.feed.scans([fixtureEvent(3, { scanId: 'whole', sigma: 0.005 })]);
    for (const each of [page, late]) {
      await until(async () => (await drawn(each)) === 4);
      await bench.untilText(each, '.tag', /^newest$/);
      await untilPasses(async () => expect(await each.locator('.measured').first().isVisible()).toBe(false));
      await untilPasses(async () => expect(await textOf(each, '.sentence')).toMatch(/4 scans/));
    }
  });

  test('rows of a projection that knew no means are shown as they were judged', async () => {
    await bench.feed.scans(scans(0, 5, { sigma: 0.005, lithium: 0.95, means: false }));
    const { port } = await bench.start();
    const page = await bench.open(port);
    await until(async () => (await drawn(page)) === 5);
    await untilPasses(async () =>
      expect(await textOf(page, '.sentence')).toMatch(/^Co: oxidation state \+3,/),
    );
    await untilPasses(async () => expect(await textOf(page, '.track-meaning')).toBe('oxidation state'));
    await untilPasses(async () => expect(await page.locator('.means').isVisible()).toBe(false));
  });

  test('a stream that stops is loud; one whose end was told, or that stopped long ago, has ended', async () => {
    await bench.feed.scans(
      scans(0, 20, {}).map((event, i) => ({ ...event, endedAt: Date.now() - 60_000 + i * 100 })),
    );
    const { port } = await bench.start();
    const page = await bench.open(port);
    await bench.untilText(page, '.message', /No scan for \d+ (s|min): the last one ended at/);
    await untilPasses(async () => expect(await page.locator('.header.stale').count()).toBe(1));
    await untilPasses(async () =>
      expect(await textOf(page, '.cell-newest-scan .cell-label')).toMatch(/no scan since \d\d:\d\d:\d\d/),
    );
    const { runId, beamline, origin } = fixtureEvent(0);
    const run = startedRun({ runId, beamline, origin, startedAt: Date.now() - 90_000 });
    const end = { exitStatus: 'ABORT', reason: 'no beam', endedAt: Date.now() } as const;
    await bench.feed.runs([run, endedRun(run, end)]);
    await bench.untilText(page, '.message', /The run was aborted at \d\d:\d\d:\d\d: no beam\.$/);
    await untilPasses(async () => expect(await page.locator('.header.stale').count()).toBe(0));
    await untilPasses(async () =>
      expect(await textOf(page, '.cell-newest-scan .cell-label')).toMatch(/^run was aborted at/i),
    );
    await bench.feed.runs([run]); // it goes on, so that its silence is an alarm again
    await bench.untilText(page, '.message', /No scan for/);
    await bench.feed.scans(
      scans(20, 1, { sampleId: 'old', runId: 'old run' }).map((event) => ({
        ...event,
        endedAt: Date.now() - 3_600_000,
      })),
    );
    await bench.untilText(page, '.message', /the run has probably ended/);
    await untilPasses(async () => expect(await page.locator('.header.stale').count()).toBe(0));
  });

  test('a replay is marked as one', async () => {
    await bench.feed.scans(scans(0, 2, { origin: 'REPLAY' }));
    const { port } = await bench.start();
    const page = await bench.open(port);
    await bench.untilText(page, '.origin.replay', /REPLAY/);
  });

  test('dead letters: reason in words, bytes and decoded head', async () => {
    await bench.feed.scans(scans(0, 2));
    await bench.feed.deadLetters([
      fixtureDeadLetter(1),
      fixtureDeadLetter(2, { reason: 'inverted-edge', detail: 'Expected a step up' }),
    ]);
    const { port } = await bench.start();
    const page = await bench.open(port);
    await bench.untilText(page, '.dead-letters-bar', /2 dead letters/);
    await page.locator('.dead-letters-bar').click();
    await untilPasses(async () => expect(await textOf(page, '.dead-letter')).toMatch(/mu falls at the edge/));
    await page.locator('.dead-letter').nth(1).click();
    await bench.untilText(page, '.dead-letter-bytes', /scanId\s+co-cell-2026-11\/0099/);
    await untilPasses(async () => expect(await textOf(page, '.hex')).toMatch(/^000000 {2}[0-9a-f]{2} /));
  });

  test('500 samples: all are there, the filter finds one, no sideways scrolling', async () => {
    for (let i = 0; i < 500; i += 100) {
      await bench.feed.scans(
        Array.from({ length: 100 }, (_, k) =>
          fixtureEvent(i + k, { sampleId: `grid ${i + k}`, sigma: i + k === 321 ? 0.2 : 0.01 }),
        ),
      );
    }
    const { port } = await bench.start();
    const page = await bench.open(port);
    await until(async () => (await page.locator('.sample').count()) === 500);
    await untilPasses(async () =>
      expect(await page.locator('.sample').first().getAttribute('data-sample')).toBe('grid 321'),
    );
    await page.keyboard.press('/');
    await page.keyboard.type('grid 77');
    await until(async () => (await page.locator('.sample').count()) === 1);
    await untilPasses(async () => expect(await textOf(page, '.samples-head')).toMatch(/1 of 500/));
  });

  test.each([
    ['phone', 390, 844],
    ['laptop', 1440, 900],
    ['small laptop', 1100, 700],
    ['wall', 2200, 1300],
  ])('a very long name breaks no layout: %s', async (_, width, height) => {
    const long = 'NiCoMnO'.repeat(30);
    await bench.feed.scans(scans(0, 30, { sampleId: long, runId: long, sigma: 0.04 }));
    await bench.feed.deadLetters([fixtureDeadLetter(1, { detail: long, sampleId: long })]);
    const { port } = await bench.start();
    const page = await bench.open(port, { viewport: { width, height } });
    await until(async () => (await drawn(page)) === 30);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(overflow).toBe(0);
    await untilPasses(async () =>
      expect(await page.locator('.dead-letters-body').isVisible()).toBe(width > 1900),
    );
  });

  test('a sample name of 100 kB is cut, and another one like it stays another', async () => {
    const long = 'x'.repeat(100_000);
    await bench.feed.scans([
      fixtureEvent(0, { sampleId: `${long}1`, scanId: `${long}1` }),
      fixtureEvent(1, { sampleId: `${long}2`, scanId: `${long}2` }),
    ]);
    const { port } = await bench.start();
    const page = await bench.open(port);
    await until(async () => (await page.locator('.sample').count()) === 2);
    const names = await page.locator('.sample-name').allTextContents();
    expect(names.map((name) => name.length)).toEqual([200, 200]);
  });
});

describe('reach', () => {
  test('everything can be reached and done by keyboard, and the focus is seen', async () => {
    await bench.feed.scans(scans(0, 10, { sampleId: 'one' }));
    await bench.feed.scans(scans(10, 10, { sampleId: 'two' }));
    await bench.feed.deadLetters([fixtureDeadLetter(1)]);
    const { port } = await bench.start();
    const page = await bench.open(port);
    await until(async () => (await drawn(page)) === 10);
    const seen: string[] = [];
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab');
      const focus = (await page.evaluate(`(() => {
        const e = document.activeElement, s = getComputedStyle(e);
        return [e.tagName + '.' + e.className, s.outlineStyle, parseFloat(s.outlineWidth)];
      })()`)) as [string, string, number];
      if (focus[0].startsWith('BODY')) break;
      seen.push(focus[0]);
      expect(focus.slice(1)).toEqual(['solid', 2]);
    }
    for (const part of [
      'SELECT',
      'INPUT',
      'sample',
      'timelines',
      'follow',
      'SUMMARY',
      'dead-letters-bar',
      'quiet',
    ]) {
      expect(seen.join(' ')).toContain(part);
    }
    await page.locator('.dead-letters-bar').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await bench.untilText(page, '.dead-letter-bytes', /xanes\.scans\.v1\/1\/1/);
    await page.keyboard.press('/');
    await page.keyboard.press('ArrowDown');
    await bench.untilText(page, '.chosen h1', /^one$/);
    await page.keyboard.press('ArrowDown');
    await bench.untilText(page, '.chosen h1', /^two$/);
  });

  test('every control has a name, in both themes', async () => {
    await bench.feed.scans(scans(0, 10));
    const { port } = await bench.start();
    const page = await bench.open(port);
    await untilLive(page);
    const unnamed =
      await page.evaluate(`[...document.querySelectorAll('button, select, input, [role=option], [role=img], [tabindex="0"]')]
      .filter((e) => !(e.getAttribute('aria-label') ?? e.textContent ?? '').trim() && e.getAttribute('aria-label') !== '')
      .map((e) => e.outerHTML)`);
    expect(unnamed).toEqual([]);
    await untilPasses(async () => expect(await page.getAttribute('html', 'lang')).toBe('en'));
    await page.getByRole('button', { name: /light and dark/ }).click();
    await untilPasses(async () => expect(await page.getAttribute('html', 'data-theme')).toBe('light'));
    await page.reload();
    await untilLive(page);
    await untilPasses(async () => expect(await page.getAttribute('html', 'data-theme')).toBe('light'));
  });
});

describe('the server', () => {
  test('sends headers that forbid foreign and inline scripts, and nothing outside its folder', async () => {
    const { port } = await bench.start();
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(answer.headers.get('content-security-policy')).toMatch(/script-src 'self';/);
    expect(answer.headers.get('content-security-policy')).not.toMatch(/unsafe/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    expect(answer.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    for (const path of [
      '/../package.json',
      '/..%2f..%2fpackage.json',
      '/%2e%2e/%2e%2e/package.json',
      '/nothing',
    ]) {
      expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(404);
    }
    expect((await fetch(`http://127.0.0.1:${port}/`, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
  });

  test("refuses another site's socket, one without an Origin, and a name that is not ours", async () => {
    const { port } = await bench.start();
    const attempt = (headers: Readonly<Record<string, string>>) =>
      new Promise<boolean>((resolve) => {
        const socket = io(`http://127.0.0.1:${port}`, {
          transports: ['websocket'],
          reconnection: false,
          extraHeaders: headers,
        });
        bench.closers.push(() => socket.close());
        socket.on('connect', () => resolve(true));
        socket.on('connect_error', () => resolve(false));
      });
    expect(await attempt({ origin: 'http://evil.example' })).toBe(false);
    expect(await attempt({ origin: `http://127.0.0.1:${port + 1}` })).toBe(false);
    expect(await attempt({ origin: 'null' })).toBe(false);
    expect(await attempt({})).toBe(false);
    expect(await attempt({ origin: `http://127.0.0.1:${port}` })).toBe(true);
    const rebound = `rebound.example:${port}`; // a name of theirs that points here: Origin and Host agree
    expect(await attempt({ origin: `http://${rebound}`, host: rebound })).toBe(false);
  });

  test('a foreign name gets nothing, a probe by any name gets health', async () => {
    const { port } = await bench.start();
    const status = (path: string, host: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const request = get({ port, host: '127.0.0.1', path, headers: { host } }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        });
        request.on('error', reject);
      });
    expect(await status('/', `localhost:${port}`)).toBe(200);
    expect(await status('/', 'evil.example')).toBe(421);
    expect(await status('/assets/none.js', '127.0.0.1.evil.example')).toBe(421);
    expect(await status('/healthz', '10.1.2.3:8080')).toBe(200);
  });

  test('nonsense from the socket gets no answer that harms', async () => {
    await bench.feed.scans(scans(0, 3));
    const { port } = await bench.start();
    const url = `http://127.0.0.1:${port}`;
    const socket = io(url, { transports: ['websocket'], extraHeaders: { origin: url } });
    bench.closers.push(() => socket.close());
    const ask = (...args: [string, ...unknown[]]) => socket.timeout(5000).emitWithAck(...args);
    expect(await ask('follow', null)).toBeNull();
    expect(await ask('follow', { generation: 'x', id: '../../etc' })).toBeNull();
    expect(await ask('scan', { toString: 1 })).toEqual({
      unavailable: expect.stringMatching(/Expected an id/),
    });
    expect(await ask('scan', 'no such scan')).toBeNull();
    for (const page of [-5, 'many']) {
      const { rows } = await ask('history', SAMPLE, page);
      expect(JSON.parse(Buffer.from(rows).toString())).toHaveLength(3);
    }
    socket.emit('snapshot'); // no function to answer with
    socket.emit('history', SAMPLE);
    expect(typeof (await ask('clock'))).toBe('number');
  });
});
