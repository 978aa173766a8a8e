import { expect, test } from '@jest/globals';
import { normalQuantile } from '../../src/gating/normal-quantile.ts';
import { probabilityWithin } from '../../src/gating/probability-within.ts';

test.each([
  [1, 0.682689],
  [1.644854, 0.9],
  [1.959964, 0.95],
  [3, 0.9973],
])('of a normal error, %d standard deviations hold %d', (deviations, share) => {
  expect(probabilityWithin(deviations, 1)).toBeCloseTo(share, 5);
  expect(probabilityWithin(0.02 * deviations, 0.02)).toBeCloseTo(share, 5);
  expect(normalQuantile(share)).toBeCloseTo(deviations, 3);
});

test('an interval without bounds holds nothing within a tolerance', () => {
  expect(probabilityWithin(0.05, Number.POSITIVE_INFINITY)).toBeCloseTo(0, 6);
});
