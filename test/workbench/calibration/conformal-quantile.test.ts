import { expect, test } from '@jest/globals';
import { conformalQuantile } from '../../../workbench/calibration/conformal-quantile.ts';
import { normals } from '../../spectra/synthetic-edge.ts';

test('is the ceil((n + 1) level)-th smallest score', () => {
  expect(conformalQuantile([5, 1, 4, 2, 3, 9, 8, 7, 6], 0.9)).toBe(9);
  expect(conformalQuantile([5, 1, 4, 2, 3, 9, 8, 7, 6], 0.5)).toBe(5);
});

test('is infinite where so few scores cannot support any level', () => {
  expect(conformalQuantile([1, 2, 3], 0.9)).toBe(Number.POSITIVE_INFINITY);
  expect(conformalQuantile([], 0.9)).toBe(Number.POSITIVE_INFINITY);
});

test('covers new scores as often as stated', () => {
  const next = normals(6);
  let covered = 0;
  for (let round = 0; round < 2000; round += 1) {
    const quantile = conformalQuantile(Array.from({ length: 30 }, next), 0.9);
    if (next() <= quantile) covered += 1;
  }
  expect(covered / 2000).toBeGreaterThan(0.88);
  expect(covered / 2000).toBeLessThan(0.94);
});
