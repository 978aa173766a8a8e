import { expect, test } from '@jest/globals';
import { mean, median, quantile, variance } from '../../../workbench/report/statistics.ts';

test('mean', () => {
  expect(mean([1, 2, 6])).toBe(3);
  expect(mean([])).toBeNaN();
});

test('mean adds in order, without compensation: what was trained by it stays what it was', () => {
  expect(mean([0.1, 0.2, 0.3])).toBe((0.1 + 0.2 + 0.3) / 3);
  expect(mean([1e16, 1, -1e16])).toBe(0);
});

test('variance of all, and of a sample that stands for more', () => {
  expect(variance([1, 2, 6])).toBeCloseTo(14 / 3, 12);
  expect(variance([1, 2, 6], 2)).toBe(7);
});

test.each([
  [[5, 1, 3], 3],
  [[4, 1, 3, 2], 3],
  [[7], 7],
  [[10, 9, 100], 10],
])('median of %j is %s', (values, expected) => {
  expect(median(values)).toBe(expected);
});

test('quantiles are values of the list', () => {
  const values = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];
  expect([0, 0.1, 0.25, 0.9, 0.99, 1].map((share) => quantile(values, share))).toEqual([
    10, 20, 30, 100, 100, 100,
  ]);
  expect(quantile([], 0.9)).toBeNaN();
  expect(() => quantile(values, 90)).toThrow('Expected a share from 0 to 1, got 90');
});

test('the list itself stays as it was', () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});
