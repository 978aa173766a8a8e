import { describe, expect, test } from '@jest/globals';
import { failureTail, successBound } from '../../../workbench/calibration/success-bound.ts';

describe('successBound', () => {
  // scipy.stats.beta.ppf(1 - confidence, k, n - k + 1)
  test.each([
    [50, 50, 0.9, 0.954993],
    [59, 59, 0.95, 0.950492],
    [98, 100, 0.9, 0.94765],
    [466, 489, 0.95, 0.934019],
    [1, 10, 0.9, 0.010481],
  ])('of %d in %d at %d is %d, as scipy has it', (successes, trials, confidence, bound) => {
    expect(successBound(successes, trials, confidence)).toBeCloseTo(bound, 4);
  });

  test('is 0 without a success, grows with them, and takes fractions', () => {
    expect(successBound(0, 10, 0.9)).toBe(0);
    const bounds = [95, 96.5, 98, 99.5].map((successes) => successBound(successes, 100, 0.9));
    expect(bounds).toEqual([...bounds].sort((a, b) => a - b));
  });
});

describe('failureTail', () => {
  // 1 - scipy.stats.binom.cdf(k - 1, n, p)
  test.each([
    [1, 10, 0.05, 0.401263],
    [2, 12, 0.05, 0.11836],
    [4, 9, 0.05, 0.000643],
    [0, 9, 0.05, 1],
  ])('of %d or more in %d at %d is %d', (failures, trials, rate, tail) => {
    expect(failureTail(failures, trials, rate)).toBeCloseTo(tail, 5);
  });
});
