import { expect, test } from '@jest/globals';
import { sentence } from '../../../dashboard/client/src/words/sentence.ts';
import type { Counts, ScanRow } from '../../../dashboard/protocol/events.ts';
import { scanRow } from '../../../src/producers/redis-projection-row.ts';
import { fixtureEvent } from '../fixture-events.ts';

const START = Date.UTC(2026, 10, 23, 12);
const rows = (count: number, options: (i: number) => Parameters<typeof fixtureEvent>[1] = () => ({})) =>
  Array.from({ length: count }, (_, i) =>
    scanRow(
      fixtureEvent(i, { endedAt: START + i * 60_000, sigma: 0.005, ...options(i) }),
      START + i * 60_000,
    ),
  );
const counts = (part: Partial<Counts>): Counts => ({
  scans: 0,
  accepted: 0,
  flagged: 0,
  rejected: 0,
  rejectedFor: {},
  deadLetters: 0,
  ...part,
});
const at = (some: readonly ScanRow[]) => (some.at(-1)?.endedAt ?? START) + 1000;

test('what it is, how it is coordinated, where it goes, and what to make of it', () => {
  const some = rows(41, (i) => ({ lithium: 1 - i / 80 }));
  const said = sentence(
    some,
    counts({ scans: 41, rejected: 3, rejectedFor: { 'noise-above-threshold': 3 } }),
    at(some),
  );
  expect(said).toMatch(
    /^Co: mean oxidation state \+3\.\d+ ± 0\.\d+, octahedral, oxidising since \d\d:\d\d; 3 of 41 scans rejected for /,
  );
});

test('an event without means: the class, with its own interval', () => {
  const some = rows(3, () => ({ lithium: 0.9, means: false }));
  expect(sentence(some, counts({ scans: 3, accepted: 3 }), at(some))).toMatch(
    /^Co: oxidation state \+3( \(3 to 4\))?, octahedral; all 3 scans accepted\.$/,
  );
});

test('a mean that is not a class is said as it is', () => {
  const some = rows(3).map((row) => ({
    ...row,
    descriptors: row.descriptors.map((each) => ({
      ...each,
      verdict: 'FLAG' as const,
      reason: 'mixed-sites',
    })),
    means: row.means!.map((mean) => (mean.name === 'CN' ? { ...mean, value: 5, low: 4.7, high: 5.3 } : mean)),
  }));
  expect(sentence(some, counts({ scans: 3 }), at(some))).toMatch(/, 5\.0 ± 0\.3 neighbours in the mean;/);
});

test('a standard in the middle of a run is no oxidation', () => {
  const some = rows(40, (i) => ({ lithium: i < 20 ? 1 : 0.5 })).map((row, i) => ({
    ...row,
    means: row.means!.map((mean) => ({ ...mean, method: i < 20 ? 'network' : 'standards' })),
  }));
  expect(sentence(some, counts({ scans: 40 }), at(some))).toMatch(/steady since/);
  const moved = rows(40, (i) => ({ lithium: i < 20 ? 1 : 0.5 }));
  expect(sentence(moved, counts({ scans: 40 }), at(moved))).toMatch(/oxidising since/);
});

test.each([
  [
    { value: 0.34, low: 0.26, high: 0.42 },
    ', flagged for a wide interval, risen by 0.34 ± 0.08 since the reference scan of the run;',
  ],
  [
    { value: -0.34, low: -0.42, high: -0.26 },
    ', flagged for a wide interval, fallen by 0.34 ± 0.08 since the reference scan of the run;',
  ],
  [{ value: 0.04, low: -0.04, high: 0.12 }, ', flagged for a wide interval;'],
])('no state is sure, but its change may be: %p', (interval, words) => {
  const [row] = rows(1);
  const changedTo = (verdict: 'FLAG' | 'REJECT') => ({
    ...row!,
    means: row!.means!.map((mean) => ({ ...mean, verdict, reason: 'wide-interval' })),
    descriptors: row!.descriptors.map((each) => ({ ...each, verdict })),
    change: { name: 'OS', since: 'first', ...interval },
  });
  const said = (verdict: 'FLAG' | 'REJECT') => {
    const changed = changedTo(verdict);
    return sentence([changed], counts({ scans: 1 }), at([changed]));
  };
  expect(said('FLAG')).toContain(words);
  expect(said('REJECT')).not.toContain('since the reference'); // nothing is known of such a scan
});

test('flagged values tell which way they go: a chart that swings is not called steady', () => {
  const swing = rows(60, (i) => ({ lithium: 0.75 + 0.2 * Math.cos(i / 10) })).map((row) => ({
    ...row,
    means: row.means!.map((mean) => ({
      ...mean,
      ...{
        low: mean.value! - 0.6,
        high: mean.value! + 0.6,
        verdict: 'FLAG' as const,
        reason: 'wide-interval',
      },
    })),
  }));
  const said = (count: number) =>
    sentence(swing.slice(0, count), counts({ scans: count, flagged: count }), at(swing));
  expect(said(30)).toMatch(/± 0\.6, flagged for a wide interval, .*oxidising since/);
  expect(said(60)).toMatch(/reducing since/);
});

test('the way back is reducing', () => {
  const some = rows(41, (i) => ({ lithium: 0.5 + i / 80 }));
  expect(sentence(some, counts({ scans: 41 }), at(some))).toMatch(
    /reducing since .*; all 41 scans accepted\.$/,
  );
});

test('nothing accepted: no value is given', () => {
  const some = rows(5, () => ({ sigma: 0.2 }));
  const none = counts({
    scans: 5,
    rejected: 5,
    rejectedFor: { 'noise-above-threshold': 4, 'low-confidence': 1 },
  });
  expect(sentence(some, none, at(some))).toBe(
    'Co: no oxidation state can be read yet; all 5 scans rejected, most for noise.',
  );
});

test('the newest is rejected: the last value that was read, and its time', () => {
  const some = rows(10, (i) => (i === 9 ? { sigma: 0.2 } : {}));
  expect(sentence(some, counts({ scans: 10 }), at(some))).toMatch(/\(last read at \d\d:08:00\)/);
});

test.each([
  [{ scans: 9, flagged: 4 }, '4 of 9 scans flagged'],
  [{ scans: 9, flagged: 9 }, 'all 9 scans flagged'],
  [
    { scans: 9, flagged: 4, rejected: 2, rejectedFor: { odd: 2 } },
    '2 of 9 scans rejected for odd, 4 flagged',
  ],
])('doubts of %p', (part, words) => {
  const some = rows(1);
  expect(sentence(some, counts(part), at(some))).toMatch(new RegExp(`; ${words}\\.$`));
});

test('before the first scan', () => {
  expect(sentence([], counts({}), START)).toBe('No scan of this sample has arrived yet.');
});

test('a reason that this page does not know is shown as it is', () => {
  const some = rows(1, () => ({ sigma: 0.2 }));
  for (const reason of ['cosmic-ray', 'constructor']) {
    const odd = counts({ scans: 1, rejected: 1, rejectedFor: { [reason]: 1 } });
    expect(sentence(some, odd, at(some))).toContain(`all 1 scan rejected for ${reason}`);
  }
});
