import { expect, test } from '@jest/globals';
import { lowerBound } from '../../src/spectra/lower-bound.ts';

test('finds the first value that is not below the target', () => {
  const values = [1, 2, 2, 5];
  expect([0, 1, 1.5, 2, 3, 5, 6].map((target) => lowerBound(values, target))).toEqual([0, 0, 1, 1, 3, 3, 4]);
  expect(lowerBound([], 1)).toBe(0);
});
