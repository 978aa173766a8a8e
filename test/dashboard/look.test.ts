import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { readScanFiles } from '../../src/files/scan-files.ts';
import { isReject } from '../../src/messages/reject.ts';
import { until, untilPasses } from '../until.ts';
import { boxOf, dashboardBench, drawn, MOMENT, scans, textOf } from './dashboard-bench.ts';
import { fixtureChange } from './fixture-events.ts';

jest.setTimeout(240_000); // where others have the cores
const bench = dashboardBench(process.env.REDIS_URL_TEST ?? '');
const SAMPLE = 'LCO cell 3, spot A';
const idOf = (sequence: number, sampleId = SAMPLE) => `co-cell-2026-11/${sampleId}/${sequence}`;
const hash = (page: Page) => page.evaluate('location.hash') as Promise<string>;

/** Brightness of the middle of the waterfall's columns, left to right: each a mean over the energies. */
const brightness = (page: Page) =>
  page.evaluate(`(() => {
    const canvas = document.querySelector('.spectra canvas');
    const { width, height } = canvas;
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
    const at = (x) => {
      let sum = 0;
      for (let y = Math.round(height * 0.1); y < height * 0.85; y++) sum += data[4 * (y * width + x)];
      return sum / (height * 0.75);
    };
    return [0.3, 0.5, 0.7, 0.9].map((share) => at(Math.round(share * width)));
  })()`) as Promise<number[]>;

describe('spectra over time', () => {
  test('one column a scan on the axis of the mean, the difference from the first, and a click chooses', async () => {
    await bench.feed.scans(scans(0, 60, { sigma: 0.005 }));
    const { port } = await bench.start();
    const page = await bench.open(port);
    await until(async () => (await drawn(page)) === 60);
    await page.getByRole('tab', { name: 'Spectra over time' }).click();
    await until(async () => (await page.locator('.spectra').getAttribute('data-columns')) === '60');
    for (const share of await brightness(page)) expect(share).toBeGreaterThan(60);
    const [means, spectra] = await Promise.all(
      ['.timelines .u-over', '.spectra .u-over'].map((plot) => page.locator(plot).boundingBox()),
    );
    expect(Math.abs(means!.x - spectra!.x)).toBeLessThan(1.5);
    expect(Math.abs(means!.width - spectra!.width)).toBeLessThan(1.5);
    await page.getByRole('button', { name: 'Difference' }).click();
    await bench.untilText(page, '.spectra .note', /60 of 60 scans\. Less scan 0/);
    await page.mouse.click(spectra!.x + spectra!.width * 0.5, spectra!.y + spectra!.height * 0.4);
    await bench.untilText(page, '.scan h2', /Scan (2[6-9]|3[0-4]),/);
    await until(async () => /show=spectra&difference=1/.test(await hash(page)));
  });
});

describe('comparison', () => {
  test('scans of several samples with an offset, and one as a mixture of two', async () => {
    await bench.feed.scans(scans(0, 1, { sigma: 0.002, lithium: 1 }));
    await bench.feed.scans(scans(0, 1, { sampleId: 'charged', sigma: 0.002, lithium: 0.5 }));
    await bench.feed.scans(scans(1, 1, { sigma: 0.002, lithium: 0.95 }));
    const { port } = await bench.start();
    const page = await bench.open(port);
    await until(async () => (await drawn(page)) === 2);
    for (const sample of ['charged', SAMPLE]) {
      await page.locator(`[data-sample="${sample}"]`).click();
      await bench.untilText(page, '.chosen h1', new RegExp(`^${sample}$`));
      await page.locator('.timelines').focus();
      await page.keyboard.press('Home');
      await bench.untilText(page, '.scan h2', /Scan 0,/);
      await page.getByRole('button', { name: 'Pin', exact: true }).click();
    }
    await page.locator('.timelines').focus();
    await page.keyboard.press('ArrowRight');
    await bench.untilText(page, '.scan h2', /Scan 1,/);
    await page.getByRole('tab', { name: /Compare/ }).click();
    await bench.untilText(page, '.pins', /charged, scan 0[\s\S]*LCO cell 3, spot A, scan 0/);
    await bench.untilText(page, '.shares', /charged, scan 0\s+[\d.]+ ± [\d.]+ %/);
    const fit = await page.locator('[data-fit]').getAttribute('data-fit');
    const [charged, discharged] = fit!.split(' ').map(Number);
    expect(charged! + discharged!).toBeCloseTo(1, 2);
    expect(charged!).toBeGreaterThan(0.02);
    expect(charged!).toBeLessThan(0.35); // 0.1 by lithium; the series is no straight line
    expect(await textOf(page, '.compare')).toMatch(
      /Residual 0\.0\d+ of the edge step a point, noise 0\.00\d+; R-factor/,
    );
    await page.getByLabel(/Offset/).fill('0.3');
    await until(async () => /beside=compare&pin=[^&]+&pin=[^&]+&offset=0\.3/.test(await hash(page)));
    await page.getByRole('button', { name: /^Unpin Co charged/ }).click();
    await until(async () => (await page.locator('.pins li').count()) === 1);
  });

  test('a running average of repeats has less noise', async () => {
    await bench.feed.scans(scans(0, 30, { sigma: 0.02, lithium: 0.8 }));
    const { port } = await bench.start();
    const page = await bench.open(port);
    await until(async () => (await drawn(page)) === 30);
    await page.getByRole('button', { name: '16', exact: true }).click();
    await bench.untilText(page, '.spectrum', /mean of 16, σ 0\.005; grey: this scan/);
  });
});

describe('conditions', () => {
  test('what the beamline recorded: on the shared axis, and against the mean', async () => {
    await bench.feed.scans(scans(0, 40, { sigma: 0.005 }));
    const { port } = await bench.start();
    const page = await bench.open(port, { hash: '#show=conditions' });
    await until(async () => (await drawn(page)) === 40);
    await bench.untilText(page, '.conditions .track-condition', /lithium/);
    const names = await page.locator('.conditions .track-name b').allTextContents();
    expect(names).toEqual(['lithium', 'potential, V', 'temperature']);
    await untilPasses(async () =>
      expect(await page.locator('.conditions .track-condition canvas').count()).toBe(3),
    );
    await untilPasses(async () =>
      expect(await page.locator('.scatters figcaption').allTextContents()).toContain(
        'OS against potential, V',
      ),
    );
    await untilPasses(async () => expect(await page.locator('.scatters canvas').count()).toBe(3));
    await page.locator('.timelines').focus();
    await page.keyboard.press('Home');
    await bench.untilText(page, '.conditions', /potential, V\s+as recorded\s+3\.9/);
  });
});

describe('the map', () => {
  test('is fetched when it is opened; new scans land on it, what is unlike all lies nowhere, a click chooses', async () => {
    await bench.feed.scans(scans(0, 30, { sigma: 0.005 }));
    const { port } = await bench.start();
    const page = await bench.open(port);
    const fetched: string[] = [];
    page.on('request', (request) => void (request.url().includes('/map?') && fetched.push(request.url())));
    await until(async () => (await drawn(page)) === 30);
    expect(fetched).toEqual([]);
    await page.getByRole('tab', { name: 'Map' }).click();
    await bench.untilText(
      page,
      '.map-words',
      /^30 of 30 scans lie on the map\. The newest stands between four ticks\.$/,
    );
    await bench.feed.scans(scans(30, 1, { isUnlike: true }));
    await bench.untilText(
      page,
      '.map-words',
      /^30 of 31 scans lie on the map\. 1 is unlike all .* The newest is among those that lie nowhere\.$/,
    );
    await bench.feed.scans(scans(31, 1));
    await bench.untilText(page, '.map-words', /^31 of 32 scans .* The newest stands between four ticks\.$/);
    expect(fetched).toHaveLength(1);
    await untilPasses(async () => expect(await textOf(page, '.map-legend')).toMatch(/^2\s+3\s+4\s+grey/));
    await page.getByLabel('Coloured by').selectOption('CN');
    await bench.untilText(page, '.map-legend', /^4\s+6\s+grey/);
    await page.getByRole('button', { name: 'Near these scans' }).click();
    await until(async () => /show=map&by=CN&map=near/.test(await hash(page)));
    const box = await boxOf(page, '.map-plot');
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await bench.untilText(page, '.scan h2', /Scan 1\d,/); // of 0 to 31 in a row, those in the middle
    expect(fetched).toHaveLength(1);
  });

  test('of a model that the server does not have says so', async () => {
    await bench.feed.scans(scans(0, 3));
    const { port } = await bench.start({
      env: { MODEL_DIR: 'nowhere', MODEL_REGISTRY: mkdtempSync(join(tmpdir(), 'models-')) },
    });
    const page = await bench.open(port);
    await until(async () => (await drawn(page)) === 3);
    await page.getByRole('tab', { name: 'Map' }).click();
    await bench.untilText(page, '.map-words', /^This server has no map of the model spt-co-1\.$/);
    const { request } = page;
    expect(await (await request.get(`http://127.0.0.1:${port}/map?model=0123456789ab`)).json()).toBeNull();
    expect((await request.get(`http://127.0.0.1:${port}/map?model=../spt`)).status()).toBe(400);
  });
});

describe('the address', () => {
  test('a link shows what was seen: sample, scan, axis, zoom, tab, comparison', async () => {
    await bench.feed.scans(scans(0, 40));
    await bench.feed.scans(scans(0, 5, { sampleId: 'another' }));
    const { port } = await bench.start();
    const page = await bench.open(port);
    await until(async () => (await drawn(page)) === 5);
    await page.locator(`[data-sample="${SAMPLE}"]`).click();
    await until(async () => (await drawn(page)) === 40);
    await page.getByRole('button', { name: 'Scan no.', pressed: false }).click();
    await page.getByRole('button', { name: 'Scan no.', pressed: true }).waitFor();
    const box = await boxOf(page, '.timelines .u-over');
    await page.mouse.move(box.x + 0.25 * box.width, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.75 * box.width, box.y + 30, { steps: 4 });
    await page.mouse.up();
    await page.locator('.timelines').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await bench.untilText(page, '.scan h2', /Scan 1,/);
    await page.getByRole('button', { name: 'Pin', exact: true }).click();
    await page.getByRole('tab', { name: 'Conditions' }).click();
    await until(async () =>
      /sample=.*&scan=.*&axis=scan&zoom=.*&show=conditions&pin=/.test(await hash(page)),
    );
    const address = await hash(page);
    const other = await bench.open(port, { hash: address });
    await until(async () => (await drawn(other)) === 40);
    for (const each of [page, other]) {
      await untilPasses(async () => expect(await textOf(each, '.chosen h1')).toBe(SAMPLE));
      await bench.untilText(each, '.scan h2', /Scan 1,/);
      await untilPasses(async () => expect(await each.locator('.chosen .zoomed').isVisible()).toBe(true));
      await untilPasses(async () =>
        expect(await each.getByRole('tab', { name: 'Conditions' }).getAttribute('aria-selected')).toBe(
          'true',
        ),
      );
      await untilPasses(async () => expect(await textOf(each, '.badge:not(:empty)')).toBe('1'));
    }
    await bench.feed.scans(scans(40, 3));
    await until(async () => (await drawn(other)) === 43);
    expect(await hash(other)).toBe(address);
    const nonsense = await bench.open(port, {
      hash: '#sample=%00&zoom=9~1&show=<b>&average=7&offset=1e9&pin=',
    });
    await bench.untilText(nonsense, '.chosen h1', /LCO|another/);
  });
});

describe('changes', () => {
  test('are told, marked on the axis, and summed up for who was away', async () => {
    const some = scans(0, 40, { sigma: 0.005 });
    await bench.feed.scans(some);
    await bench.feed.changes([fixtureChange(some[9]!, some[10]!)]);
    const { port } = await bench.start();
    const page = await bench.open(port);
    await until(async () => (await drawn(page)) === 40);
    await bench.untilText(
      page,
      '.since',
      new RegExp(
        String.raw`^▲ 1 change not acknowledged; newest ${MOMENT}, LCO cell 3, spot A: mean oxidation state stepped by \+0\.31`,
      ),
    );
    await page.locator('.since-words').click();
    await bench.untilText(page, '.changes-list', /stepped by \+0\.31/);
    await bench.feed.changes([
      fixtureChange(some[19]!, some[20]!, {
        kind: 'DRIFT',
        size: -0.2,
        low: -0.25,
        high: -0.15,
        perHour: -1.2,
      }),
      fixtureChange(some[19]!, some[20]!, { kind: 'DRIFT' }), // once more: told once
    ]);
    await bench.untilText(page, '.changes-list', /mean oxidation state drifts, −1\.2 an hour/);
    await untilPasses(async () => expect(await page.locator('.changes-list li').count()).toBe(2));
    await bench.untilText(page, '.badge:not(:empty)', /^2$/);
    await page.locator('.change').first().click();
    await bench.untilText(page, '.scan h2', /Scan 20,/);

    const away = await bench.open(port);
    await away.evaluate(`localStorage.setItem('lastLooked', String(Date.now() - 3_600_000))`);
    await away.reload();
    await bench.untilText(away, '.since', new RegExp(`^Since you last looked, ${MOMENT}: 2 changes, newest`));
    await away.getByRole('button', { name: 'Seen' }).click();
    await bench.untilText(away, '.since', /2 changes not acknowledged/);
    await away.reload();
    await bench.untilText(away, '.since', /not acknowledged/);
  });
});

test('a scan of a link that the history no longer has is shown all the same', async () => {
  await bench.feed.scans(scans(0, 30));
  const { port } = await bench.start();
  const address = new URLSearchParams({ sample: SAMPLE, scan: idOf(3) });
  const page = await bench.open(port, { hash: `#${address}` });
  await bench.untilText(page, '.scan h2', /Scan 3,/);
  await untilPasses(async () => expect(await textOf(page, '.tag')).toBe('chosen'));
});

describe('export', () => {
  test('of the chosen sample: a table, a NeXus file with NXxas, a picture of what is seen', async () => {
    await bench.feed.scans(scans(0, 30, { sigma: 0.005 }));
    await bench.feed.scans(scans(0, 3, { sampleId: 'another' }));
    const { port } = await bench.start();
    const page = await bench.open(port, { hash: `#sample=${encodeURIComponent(SAMPLE)}` });
    await until(async () => (await drawn(page)) === 30);
    await bench.untilText(page, '.means', /90% intervals/);
    const taken = async (kind: string) => {
      await page.locator('.export summary').click();
      const coming = page.waitForEvent('download', { timeout: 120_000 });
      await page.getByRole('button', { name: kind, exact: true }).click();
      const download = await coming;
      return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
    };
    const csv = await taken('CSV');
    expect(csv.name).toBe('LCO_cell_3_spot_A.csv');
    const [head, ...lines] = csv.bytes.toString().trim().split('\r\n');
    expect(head).toMatch(/^scanId,runId,sampleId,.*mean\.OS,mean\.OS\.low/);
    expect(lines).toHaveLength(30);
    expect(lines[7]).toMatch(/^"?co-cell-2026-11\/LCO cell 3, spot A\/7"?,/);

    const nexus = await taken('NeXus');
    expect(nexus.name).toBe('LCO_cell_3_spot_A.nxs');
    const file = join(mkdtempSync(join(tmpdir(), 'export-')), nexus.name);
    writeFileSync(file, nexus.bytes);
    const read = [];
    for await (const { scan } of readScanFiles([file], {})) read.push(isReject(scan) ? scan.detail : scan);
    expect(read).toHaveLength(30);
    expect(read[7]).toMatchObject({ element: 'Co', edge: 'K' });

    const png = await taken('PNG');
    expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(png.bytes.readUInt32BE(16)).toBe(1440);
    expect(png.bytes.length).toBeGreaterThan(20_000);
  });
});
