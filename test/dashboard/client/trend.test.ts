import { expect, test } from '@jest/globals';
import { trend } from '../../../dashboard/client/src/state/trend.ts';

const series = (...values: number[]) => values.map((value, i) => ({ atMs: i, value }));
const ramp = (from: number, to: number, count: number) =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

test('fewer than five points say nothing', () => {
  expect(trend(series(1, 2, 3, 4), 0.1)).toBeNull();
});

test('a plateau and then a rise: rising since the end of the plateau', () => {
  const way = trend(series(...Array(20).fill(3), ...ramp(3, 3.5, 20)), 0.1);
  expect(way?.direction).toBe('rising');
  expect(way?.sinceMs).toBeGreaterThanOrEqual(18);
  expect(way?.sinceMs).toBeLessThanOrEqual(23);
});

test('charge, then discharge: falling since the top', () => {
  const way = trend(series(...ramp(3, 3.5, 20), ...ramp(3.5, 3.1, 20)), 0.1);
  expect(way?.direction).toBe('falling');
  expect(Math.abs(way!.sinceMs - 19.5)).toBeLessThanOrEqual(3);
});

test('just past the top it still counts as rising', () => {
  expect(trend(series(...ramp(3, 3.5, 20), 3.49, 3.48, 3.47), 0.1)?.direction).toBe('rising');
});

test('noise within the tolerance is steady', () => {
  const noisy = Array.from({ length: 60 }, (_, i) => 3 + 0.04 * Math.sin(i * 2.3));
  expect(trend(series(...noisy), 0.1)).toEqual({ direction: 'steady', sinceMs: 0 });
});

test('one wild value turns nothing', () => {
  const values = ramp(3, 3.5, 40);
  values[30] = 9;
  const way = trend(series(...values), 0.1);
  expect(way?.direction).toBe('rising');
  expect(way?.sinceMs).toBeLessThanOrEqual(2); // the median of five flattens the first two
});
