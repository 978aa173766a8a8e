import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { until, untilPasses } from '../until.ts';
import { boxOf, dashboardBench, drawn, scans, textOf } from './dashboard-bench.ts';
import {
  fixtureAccumulation,
  fixtureAcknowledgement,
  fixtureDeadLetter,
  fixtureRequest,
} from './fixture-events.ts';

jest.setTimeout(240_000); // where others have the cores
const bench = dashboardBench(process.env.REDIS_URL_TEST ?? '');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TABS = [
  ...['Spectra over time', 'Conditions', 'Map', 'Changes and notes', 'Requests', 'Compare'],
  ...['Descriptors', 'Scan'],
];
const LONG = `${'NiCoMnO '.repeat(12)}${'x'.repeat(110)}`;

/** Page with a name of 200 characters everywhere, dead letters open, a request that was refused. */
async function crowded(width: number, height: number): Promise<Page> {
  const some = scans(0, 30, { sampleId: LONG, runId: LONG });
  await bench.feed.scans(some);
  const asked = fixtureRequest(some[9]!, { kind: 'annotate', text: LONG, askedBy: LONG, why: LONG });
  await bench.feed.requests([asked]);
  await bench.feed.acknowledgements([
    fixtureAcknowledgement(asked, 'REFUSED', { reason: LONG, detail: LONG, by: LONG }),
  ]);
  await bench.feed.accumulations([fixtureAccumulation(some[9]!)]);
  await bench.feed.deadLetters([1, 2, 3].map((i) => fixtureDeadLetter(i, { detail: LONG, sampleId: LONG })));
  const { port } = await bench.start();
  const page = await bench.open(port, { viewport: { width, height } });
  await until(async () => (await drawn(page)) === 30);
  await bench.untilText(page, '.means', /90% intervals/);
  if (!(await page.locator('.dead-letters-body').isVisible()))
    await page.locator('.dead-letters-bar').click();
  await page.locator('.dead-letter').first().click();
  await bench.untilText(page, '.dead-letter-bytes', /bytes|B/);
  return page;
}

describe('sizes', () => {
  test.each([
    [320, 640],
    [390, 844],
    [901, 700],
    [1040, 768],
    [1180, 768],
    [1366, 768],
    [1920, 1080],
    [2200, 1300],
  ])('%i x %i with dead letters open: nothing is cut off, every plot has room', async (width, height) => {
    const page = await crowded(width, height);
    const found = (await page.evaluate(`(() => {
      const sideways = document.documentElement.scrollWidth - innerWidth;
      const cut = [...document.querySelectorAll('.header, .beside .tab-panel, .chosen, .dead-letters-body')]
        .filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1).map((e) => e.className);
      const plots = [...document.querySelectorAll('.timelines .track-plot, .spectrum-plot')]
        .map((e) => [e.clientWidth, e.clientHeight]);
      return { sideways, cut, plots };
    })()`)) as { sideways: number; cut: string[]; plots: [number, number][] };
    expect(found.sideways).toBe(0);
    await page.getByRole('tab', { name: 'Requests' }).click();
    await bench.untilText(page, '.requests-list', /refused by/);
    expect(
      await page.evaluate(`[...document.querySelectorAll('.chosen .tab-panel, .requests li, .request > *')]
        .filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1).map((e) => e.className)`),
    ).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    expect(found.cut).toEqual([]);
    for (const [plotWidth, plotHeight] of found.plots) {
      expect(plotWidth).toBeGreaterThan(190);
      expect(plotHeight).toBeGreaterThan(70);
    }
  });

  test('on a phone: the sentence, the mean with its axis, the spectrum, then the rest', async () => {
    await bench.feed.scans(scans(0, 30));
    const { port } = await bench.start();
    const page = await bench.open(port, { viewport: { width: 390, height: 844 } });
    await until(async () => (await drawn(page)) === 30);
    await bench.untilText(page, '.means', /90% intervals/);
    const order = ['.sentence', '.timelines', '.spectrum', '.since', '.chosen > .tabs', '.means', '.samples'];
    const tops = await Promise.all(
      order.map(async (part) => (await page.locator(part).first().boundingBox())?.y ?? Number.NaN),
    );
    expect(tops).toEqual([...tops].sort((a, b) => a - b));
    await untilPasses(async () => expect(await page.locator('.timelines .u-axis').count()).toBe(2));
  });
});

describe('a zoom', () => {
  test('survives new scans, says that it is one, and ends with Escape', async () => {
    await bench.feed.scans(scans(0, 40));
    const { port } = await bench.start();
    const page = await bench.open(port);
    await until(async () => (await drawn(page)) === 40);
    await bench.untilText(page, '.means', /90% intervals/);
    for (const [plot, button] of [
      ['.timelines .u-over', '.chosen .zoomed'],
      ['.spectrum-plot .u-over', '.scan .zoomed'],
    ] as const) {
      await untilPasses(async () => expect(await page.locator(button).isVisible()).toBe(false));
      const box = await boxOf(page, plot);
      await page.mouse.move(box.x + 0.3 * box.width, box.y + 30);
      await page.mouse.down();
      await page.mouse.move(box.x + 0.6 * box.width, box.y + 30, { steps: 4 });
      await page.mouse.up();
      await until(() => page.locator(button).isVisible());
    }
    const zoomed = /zoom=[\d.]+%7E[\d.]+&ev=77\d\d\.\d%7E77\d\d\.\d/;
    await until(async () => zoomed.test(await hash(page)));
    const before = await hash(page);
    await bench.feed.scans(scans(40, 10));
    await until(async () => (await drawn(page)) === 50);
    await bench.untilText(page, '.scan h2', /Scan 49,/);
    expect(await hash(page)).toBe(before);
    for (const button of ['.chosen .zoomed', '.scan .zoomed'])
      await untilPasses(async () => expect(await page.locator(button).isVisible()).toBe(true));
    await page.keyboard.press('Escape');
    for (const button of ['.chosen .zoomed', '.scan .zoomed'])
      await until(async () => !(await page.locator(button).isVisible()));
  });
});

describe('dead letters', () => {
  test('new ones leave the focus where it is; Escape closes one, then all', async () => {
    await bench.feed.scans(scans(0, 3));
    await bench.feed.deadLetters([fixtureDeadLetter(1)]);
    const { port } = await bench.start();
    const page = await bench.open(port);
    await bench.untilText(page, '.dead-letters-bar', /1 dead letter/);
    await page.locator('.dead-letters-bar').click();
    await page.locator('.dead-letter').focus();
    await page.keyboard.press('Enter');
    await bench.untilText(page, '.dead-letter-bytes', /xanes\.scans\.v1\/1\/1/);
    await bench.feed.deadLetters([2, 3, 4].map((offset) => fixtureDeadLetter(offset)));
    await bench.untilText(page, '.dead-letters-bar', /4 dead letters/);
    await until(async () => (await page.locator('.dead-letter').count()) === 4);
    expect(await page.evaluate('document.activeElement.closest("li")?.dataset.deadLetter')).toBe(
      'xanes.scans.v1/1/1',
    );
    await page.keyboard.press('Escape');
    await bench.untilText(page, '.dead-letter-bytes', /Choose a dead letter/);
    await page.keyboard.press('Escape');
    await untilPasses(async () => expect(await page.locator('.dead-letters-body').isVisible()).toBe(false));
  });
});

describe('units', () => {
  test('the time zone is said, and energies have no thousands separator', async () => {
    await bench.feed.scans(scans(0, 30));
    const { port } = await bench.start();
    const page = await bench.open(port, { timezoneId: 'America/Chicago', hash: '#ev=7720~7760' });
    await until(async () => (await drawn(page)) === 30);
    await untilPasses(async () =>
      expect(await textOf(page, '.chosen .note')).toMatch(/^Times are of America\/Chicago \(UTC−[56]\)/),
    );
    const separated = await page.evaluate(`(() => {
      const written = [];
      const fillText = CanvasRenderingContext2D.prototype.fillText;
      CanvasRenderingContext2D.prototype.fillText = function (...args) {
        written.push(args[0]);
        return fillText.apply(this, args);
      };
      document.querySelector('[aria-label*="light and dark"]').click();
      return new Promise((resolve) => setTimeout(() => resolve(written), 1000));
    })()`);
    expect(separated).toContain('7740');
    expect((separated as string[]).filter((text) => /\d,\d/.test(text))).toEqual([]);
  });
});

describe('axe', () => {
  test.each(['dark', 'light'])('finds nothing in the page, all of it open: %s', async (theme) => {
    const some = scans(0, 40);
    await bench.feed.scans(some);
    await bench.feed.deadLetters([fixtureDeadLetter(1)]);
    await bench.feed.requests([fixtureRequest(some[39]!)]);
    await bench.feed.accumulations([fixtureAccumulation(some[39]!)]);
    const { port } = await bench.start();
    const page = await bench.open(port);
    await page.evaluate(`localStorage.setItem('theme', '${theme}')`);
    await page.reload();
    await page.locator('.dead-letters-bar').click();
    for (const part of TABS) {
      await page.getByRole('tab', { name: part }).click();
      await bench.untilText(page, '.chosen h1', /LCO/);
      expect(await violations(page)).toEqual([]);
    }
  });

  test.each([320, 1040])('finds nothing at a width of %i', async (width) => {
    const page = await crowded(width, 800);
    expect(await violations(page)).toEqual([]);
  });
});

const hash = (page: Page) => page.evaluate('location.hash') as Promise<string>;

/** What axe has to say of the page, a line a place. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate(`axe.run().then(({ violations }) =>
    violations.flatMap(({ id, impact, nodes }) =>
      nodes.map(({ target }) => impact + ' ' + id + ': ' + target)))`);
  return found as string[];
}
