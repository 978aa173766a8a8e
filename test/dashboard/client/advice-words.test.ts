import { expect, test } from '@jest/globals';
import { adviceWords } from '../../../dashboard/client/src/words/advice-words.ts';
import type { MeanRow, ScanRow } from '../../../dashboard/protocol/events.ts';
import { SITES_DIFFER } from '../../../src/messages/judgement.ts';
import { scanRow } from '../../../src/producers/redis-projection-row.ts';
import { fixtureEvent } from '../fixture-events.ts';

const CLEAN = scanRow(fixtureEvent(0, { lithium: 1, sigma: 0.005, endedAt: 0 }), 0);
const WIDE = { verdict: 'FLAG', reason: 'wide-interval', low: 2.8, high: 4 } as const;
const NOISY = { verdict: 'REJECT', reason: 'noise-above-threshold' } as const;

type Judged = Readonly<Record<string, Partial<MeanRow>>>;
const withMeans = (means: Judged, more: Partial<ScanRow> = {}): ScanRow => ({
  ...CLEAN,
  means: CLEAN.means!.map((mean) => ({ ...mean, ...means[mean.name] })),
  ...more,
});

/** With spaces of one kind: no line ends between a sign and its number. */
const spoken = (row: ScanRow, advice: string | null) => adviceWords(row, advice).replaceAll('\u00a0', ' ');

/** What is said behind the advice of a scan whose means are judged so; those that are not named are accepted. */
function said(means: Judged, more?: Partial<ScanRow>): string {
  const words = spoken(withMeans(means, more), 'Advice.');
  expect(words).toMatch(/^Advice\. /);
  return words.slice('Advice. '.length);
}

test('all means hold beside the classes', () => {
  expect(said({})).toBe('So can their means.');
});

test('the classes hold, and one mean does not', () => {
  expect(said({ OS: WIDE })).toBe('So can the means of CN and OCN; the mean OS is too uncertain (± 0.6).');
});

test('the classes hold, and no mean does: each with its own uncertainty', () => {
  const wide = { OS: WIDE, CN: { ...WIDE, low: 4, high: 8 }, OCN: { ...WIDE, low: 4.75, high: 7.25 } };
  expect(said(wide)).toBe('The means of OS, CN and OCN are too uncertain (± 0.6, ± 2, ± 1.3).');
});

test('behind any other advice it stands by itself', () => {
  expect(said({ OS: WIDE, CN: WIDE }, { advice: 'INSPECT' })).toBe(
    'The mean OCN can be acted on; the means of OS and CN are too uncertain (± 0.6, ± 0.6).',
  );
  expect(said({ OS: NOISY, CN: NOISY, OCN: NOISY }, { advice: 'ACCUMULATE' })).toBe(
    'The means of OS, CN and OCN are rejected for noise.',
  );
});

test('each reason by itself; one that this page does not know as it is', () => {
  const odd = {
    OS: { verdict: 'FLAG', reason: 'standards-disagree' },
    CN: { verdict: 'FLAG', reason: 'moon' },
  };
  expect(said(odd as Record<string, Partial<MeanRow>>)).toBe(
    'So can the mean OCN; the mean OS is flagged for standards that disagree with the model; ' +
      'the mean CN is flagged for moon.',
  );
});

test('an interval that is not finite has no size', () => {
  expect(said({ OS: { ...WIDE, low: null } })).toMatch(/; the mean OS is too uncertain\.$/);
});

test('sites that probably differ', () => {
  expect(said({}, { mixedSites: SITES_DIFFER })).not.toContain('differ');
  expect(said({}, { mixedSites: SITES_DIFFER + 0.01 })).toContain('Sites probably differ');
  expect(said({}, { mixedSites: 0.62 })).toBe(
    'So can their means. ' + 'Sites probably differ (62% likely): a class need not hold for all of them.',
  );
  const mixed = CLEAN.descriptors.map((each) => ({
    ...each,
    ...(each.name === 'OS' && { verdict: 'FLAG' as const, reason: 'mixed-sites' }),
  }));
  // The advice itself says that sites differ.
  expect(said({}, { advice: 'INSPECT', descriptors: mixed, mixedSites: 0.9 })).toBe(
    'The means of OS, CN and OCN can be acted on.',
  );
  expect(said({}, { advice: 'ACCUMULATE', descriptors: mixed, mixedSites: 0.9 })).toContain('Sites probably');
});

test('an event without means has its advice alone', () => {
  expect(adviceWords(scanRow(fixtureEvent(0, { means: false }), 0), 'Advice.')).toBe('Advice.');
});

test('while the advice is not here the means are said by themselves', () => {
  expect(spoken(withMeans({ OS: WIDE }), null)).toBe(
    'The means of CN and OCN can be acted on; the mean OS is too uncertain (± 0.6).',
  );
});
