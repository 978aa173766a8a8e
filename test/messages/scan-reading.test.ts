import { expect, test } from '@jest/globals';
import type { ScanRow } from '../../src/messages/projection.ts';
import { headline, readingOf } from '../../src/messages/scan-reading.ts';
import { scanRow } from '../../src/producers/redis-projection-row.ts';
import { fixtureEvent } from '../dashboard/fixture-events.ts';

const NAMES = ['OS', 'CN', 'CN2', 'OCN', 'PSGO', 'NNRS', 'MOOD'];
const row = (options: Parameters<typeof fixtureEvent>[1] = {}): ScanRow =>
  scanRow(fixtureEvent(7, options), 1);

test('the mean where the scan has one, with its own interval and verdict', () => {
  const some = row({ lithium: 0.5, sigma: 0.005 });
  const os = some.descriptors.find(({ name }) => name === 'OS')!;
  expect(os).toMatchObject({ verdict: 'FLAG', reason: 'mixed-sites' });
  expect(headline(some)).toEqual({ ...some.means![0] });
  expect(headline(some)).toMatchObject({ name: 'OS', verdict: 'ACCEPT', method: 'network' });
  expect(headline(some)!.value).toBeCloseTo(3.5, 1);
});

test('the class where it has none: rows of older projections, events of older processors', () => {
  const { means, ...older } = row();
  for (const some of [older, row({ means: false })]) {
    const os = some.descriptors.find(({ name }) => name === 'OS')!;
    expect(headline(some)).toMatchObject({
      name: 'OS',
      value: os.value,
      low: os.low,
      high: os.high,
      method: null,
    });
  }
  expect(means).toHaveLength(3);
});

test('without an oxidation state the first descriptor stands for the scan, and without any nothing', () => {
  const some = row({ means: false });
  const others = some.descriptors.filter(({ name }) => name !== 'OS');
  expect(headline({ ...some, descriptors: others })?.name).toBe('CN');
  expect(headline({ ...some, descriptors: [] })).toBeUndefined();
});

test.each([true, false])('a value lies inside its own interval, means: %p', (means) => {
  for (let sequence = 0; sequence < 200; sequence += 1) {
    const some = scanRow(fixtureEvent(sequence, { means }), 1);
    for (const name of NAMES) {
      const { value, low, high } = readingOf(some, name)!;
      expect(value).toBeGreaterThanOrEqual(low!);
      expect(value).toBeLessThanOrEqual(high!);
    }
  }
});
