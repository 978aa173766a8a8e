import { describe, expect, test } from '@jest/globals';
import { until, untilPasses } from '../until.ts';
import { dashboardBench, drawn, MOMENT, scans, textOf } from './dashboard-bench.ts';
import { fixtureAccumulation, fixtureAcknowledgement, fixtureRequest } from './fixture-events.ts';

// What agents ask of the beamline, what becomes of it, and how far repeats are, as people see it.

const bench = dashboardBench(process.env.REDIS_URL_TEST ?? '');
const HOUR_MS = 3_600_000;

describe('requests', () => {
  test('who comes late sees what was asked and what became of it, latest first; the rest comes by itself', async () => {
    const some = scans(0, 8, { sigma: 0.005 });
    await bench.feed.scans(some);
    const asked = fixtureRequest(some[2]!);
    const ranges = fixtureRequest(some[3]!, {
      ...{ requestId: 'range', kind: 'next-energy-range', scans: null, fromEv: 7609.5, toEv: 7779 },
    });
    const late = fixtureRequest(some[1]!, {
      ...{ requestId: 'late', kind: 'stop', scans: null, validUntil: Date.now() - 1000 },
    });
    await bench.feed.requests([asked, ranges, late]);
    await bench.feed.acknowledgements([
      fixtureAcknowledgement(asked, 'ACCEPTED'),
      fixtureAcknowledgement(ranges, 'REFUSED', {
        reason: 'not-possible',
        detail: 'Expected at least 7700 eV',
      }),
    ]);
    const { port } = await bench.start();
    const page = await bench.open(port, { hash: '#show=requests' });
    await until(async () => (await drawn(page)) === 8);
    await until(async () => (await page.locator('.requests-list li').count()) === 3);
    const lines = await page.locator('.requests-list li').allInnerTexts();
    const clock = '\\d\\d:\\d\\d:\\d\\d';
    const refused = `✕\\s+${clock}\\s+energies 7609.5 to 7779 eV\\s+Co K\\s+refused by daq at ${clock}: it cannot be carried out now: Expected at least 7700 eV`;
    expect(lines[0]).toMatch(new RegExp(`^${refused}\\s+lab-agent: OS is noisier than it tolerates$`));
    expect(lines[1]).toMatch(
      new RegExp(`^▷\\s+${clock}\\s+4 more scans\\s+Co K\\s+accepted by daq at ${clock}\\s`),
    );
    expect(lines[2]).toMatch(
      new RegExp(`^–\\s+${clock}\\s+stop\\s+Co K\\s+unanswered: X10DA said nothing until ${clock}\\s`),
    );
    await bench.untilText(page, '#tab-requests .badge', /^1$/);
    await untilPasses(async () =>
      expect(await textOf(page, '.repeats')).toBe('Last asked for: energies 7609.5 to 7779 eV, refused.'),
    );

    // The answer may come before its request: they are on different topics.
    const next = fixtureRequest(some[7]!, { requestId: 'next', scans: 1, sampleId: 'another' });
    await bench.feed.acknowledgements([fixtureAcknowledgement(next, 'FAILED', { reason: 'restarted' })]);
    await bench.feed.requests([next]);
    await bench.untilText(
      page,
      '.requests-list',
      /^✕\s+\S+\s+1 more scan\s+another Co K\s+failed by daq at \S+: the program that had accepted it began anew/,
    );
    await bench.feed.acknowledgements([
      fixtureAcknowledgement(asked, 'DONE', { scanIds: ['x', 'y', 'z', 'w'] }),
    ]);
    await bench.untilText(
      page,
      '.requests-list',
      /✓\s+\S+\s+4 more scans\s+Co K\s+done by daq at \S+: 4 scans/,
    );
    await bench.untilText(page, '#tab-requests .badge', /^$/);
  });

  test('one leads to the scan that made it, by the keyboard; a new one takes the focus from none', async () => {
    const some = scans(0, 8, { sigma: 0.005 });
    await bench.feed.scans(some);
    await bench.feed.requests([fixtureRequest(some[2]!)]);
    const { port } = await bench.start();
    const page = await bench.open(port);
    await until(async () => (await drawn(page)) === 8);
    await page.locator('#tab-changes').focus();
    await page.getByRole('tab', { name: 'Descriptors' }).focus();
    await page.keyboard.press('ArrowLeft'); // the last of the tabs
    await bench.untilText(page, '.requests-list', /open until/);
    await page.locator('.requests-list .change').focus();
    await bench.feed.requests([fixtureRequest(some[5]!)]);
    await until(async () => (await page.locator('.requests-list li').count()) === 2);
    await page.keyboard.press('Enter');
    await bench.untilText(page, '.scan h2', /Scan 2,/);
  });

  test('none: a sentence; one that is never answered is told when its time is up', async () => {
    const [scan] = scans(0, 1);
    await bench.feed.scans([scan!]);
    const { port } = await bench.start();
    const page = await bench.open(port, { hash: '#show=requests' });
    await bench.untilText(page, '.requests', /^Nothing was asked so far\./);
    await untilPasses(async () => expect(await page.locator('.repeats').isVisible()).toBe(false));
    await bench.feed.requests([fixtureRequest(scan!, { validUntil: Date.now() + 4000 })]);
    await bench.untilText(page, '#tab-requests .badge', /^1$/);
    await untilPasses(async () => expect(await page.locator('.requests .empty').isVisible()).toBe(false));
    await bench.untilText(page, '.requests-list', /unanswered: X10DA said nothing until/);
    await bench.untilText(page, '#tab-requests .badge', /^$/);
  });

  test('who was away is told how many were asked since, not how many were read anew', async () => {
    const [scan] = scans(0, 1);
    await bench.feed.scans([scan!]);
    const asked = (requestId: string, askedAt: number) => fixtureRequest(scan!, { requestId, askedAt });
    await bench.feed.requests([
      asked('a month ago', Date.now() - 30 * 24 * HOUR_MS),
      asked('two hours ago', Date.now() - 2 * HOUR_MS),
      asked('of late', Date.now() - HOUR_MS / 2),
    ]);
    const { port } = await bench.start();
    const page = await bench.open(port);
    await page.evaluate(`localStorage.setItem('lastLooked', String(Date.now() - ${HOUR_MS}))`);
    await page.reload();
    await bench.untilText(
      page,
      '.since',
      new RegExp(String.raw`^Since you last looked, ${MOMENT}: no change was found; 1 request\.`),
    );
  });

  test('hostile text is text, and a kind and a reason that the page does not know are shown as they are', async () => {
    const HOSTILE = '<img src=x onerror="window.hacked=1">';
    const [scan] = scans(0, 1);
    await bench.feed.scans([scan!]);
    const asked = fixtureRequest(scan!, { kind: HOSTILE, askedBy: HOSTILE, why: HOSTILE, sampleId: HOSTILE });
    await bench.feed.requests([
      asked,
      fixtureRequest(scan!, { requestId: '__proto__', kind: 'constructor' }),
    ]);
    await bench.feed.acknowledgements([
      fixtureAcknowledgement(asked, 'REFUSED', { reason: 'constructor', detail: HOSTILE, by: HOSTILE }),
    ]);
    await bench.feed.accumulations([fixtureAccumulation(scan!, { status: 'STOPPED', reason: HOSTILE })]);
    const { port } = await bench.start();
    const page = await bench.open(port, { hash: '#show=requests' });
    await bench.untilText(page, '.requests-list', /refused by <img.*: constructor: <img/);
    await bench.untilText(page, '.repeats', /no accepted mean: <img/);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
  });
});

test('of a sample it is told how far its repeats are, and how that ended; of the picked run alone', async () => {
  const some = scans(0, 3);
  await bench.feed.scans(some);
  await bench.feed.scans(scans(3, 2, { runId: 'next night' }));
  await bench.feed.accumulations([
    fixtureAccumulation(some[2]!),
    fixtureAccumulation(some[2]!, { sampleId: 'b' }),
  ]);
  const { port } = await bench.start();
  const page = await bench.open(port);
  await bench.untilText(page, '.repeats', /^Repeats: 3 scans averaged, 2 more needed\.$/);
  const grown = { members: ['a', 'b', 'c', 'd'], repeatsNeeded: null };
  await bench.feed.accumulations([
    fixtureAccumulation(some[2]!, { ...grown, status: 'STOPPED', reason: 'drift' }),
  ]);
  await bench.untilText(
    page,
    '.repeats',
    /^Repeats: stopped at \S+ with 4 scans and no accepted mean: the scans move/,
  );
  await bench.feed.accumulations([
    fixtureAccumulation(some[2]!, { ...grown, status: 'ACCEPTED', reason: 'accepted' }),
    fixtureAccumulation(some[2]!, { ...grown, element: 'Ni', status: 'ACCEPTED', reason: 'accepted-alone' }),
  ]);
  await bench.untilText(
    page,
    '.repeats',
    /^Repeats of Co K: mean of 4 scans accepted at \S+\. Repeats of Ni K: a scan was accepted by itself at /,
  );
  const asked = fixtureRequest(some[2]!, { askedAt: Date.now() - 1000, validUntil: Date.now() + HOUR_MS });
  await bench.feed.requests([asked]);
  await bench.untilText(page, '.repeats', / Last asked for: 4 more scans, open\.$/);
  await bench.feed.acknowledgements([fixtureAcknowledgement(asked, 'DONE')]);
  await bench.untilText(page, '.repeats', / Last asked for: 4 more scans, done\.$/);
  // What was averaged in one run says nothing of another.
  await page.locator('.run select').selectOption('next night');
  await until(async () => !(await page.locator('.repeats').isVisible()));
});
