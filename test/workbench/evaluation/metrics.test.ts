import { describe, expect, test } from '@jest/globals';
import { classMetrics, majorityMetrics, realMetrics } from '../../../workbench/evaluation/metrics.ts';

describe('classes', () => {
  test('as scikit-learn counts them', () => {
    // f1_score([2,2,2,3,3,4], [2,2,3,3,2,2], average=...): class 2 4/7, class 3 1/2, class 4 0
    const metrics = classMetrics([2, 2, 2, 3, 3, 4], [2, 2, 3, 3, 2, 2]);
    expect(metrics.weightedF1).toBeCloseTo((3 * (4 / 7) + 2 * 0.5) / 6);
    expect(metrics.macroF1).toBeCloseTo((4 / 7 + 0.5) / 3);
    expect(metrics.accuracy).toBeCloseTo(3 / 6);
  });

  test('the majority class', () => {
    expect(majorityMetrics([4, 6, 6])).toMatchObject({ majority: 6, accuracy: 2 / 3 });
    expect(majorityMetrics([4, 6, 6]).weightedF1).toBeCloseTo((2 / 3) * 0.8);
  });
});

test('reals', () => {
  expect(realMetrics([1, 2, 3], [1, 2, 4])).toEqual({ count: 3, r2: 0.5, mae: 1 / 3 });
  expect(realMetrics([1, 2, 3], [2, 2, 2]).r2).toBe(0);
});

test.each([
  [[], []],
  [[1], [1, 2]],
])('%p truths and %p predictions are refused', (truth, predicted) => {
  expect(() => classMetrics(truth, predicted)).toThrow(/as many predictions as truths/);
  expect(() => realMetrics(truth, predicted)).toThrow(RangeError);
});
