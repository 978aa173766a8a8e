import { expect, test } from '@jest/globals';
import { compareRepeats } from '../../src/change-points/compare-repeats.ts';
import { observations } from './observations.ts';

const sixteen = (value: number) => Array.from({ length: 16 }, (_, j) => (j === 7 ? value : 0));

test('repeats that differ by noise alone are alike, however many there are', () => {
  for (let seed = 0; seed < 20; seed += 1) {
    const repeats = observations(30, () => sixteen(0), { seed });
    for (let n = 1; n <= repeats.length; n += 1) expect(compareRepeats(repeats.slice(0, n))).toBeNull();
  }
});

test('the newest is an outlier where it differs alone', () => {
  expect(compareRepeats(observations(10, (i) => sixteen(i === 9 ? 0.2 : 0)))).toBe('outlier');
  expect(compareRepeats(observations(2, (i) => sixteen(i === 1 ? 0.2 : 0)))).toBe('outlier');
});

test('a slow change that no scan alone shows is a drift', () => {
  const repeats = observations(30, (i) => sixteen(0.003 * i));
  const firstTold = repeats.findIndex((_, i) => compareRepeats(repeats.slice(0, i + 1)) !== null);
  expect(firstTold).toBeGreaterThan(5);
  expect(compareRepeats(repeats.slice(0, firstTold + 1))).toBe('drift');
});
