import { describe, expect, test } from '@jest/globals';
import { outlierScore, outOfDistributionScore } from '../../src/gating/outlier-classifier.ts';

const units = { mean: [1, 2], scale: [2, 0.5] };
const model = { weights: [1, -2], bias: { Co: 0.5 } };

describe('outlier score', () => {
  test('is the log odds on the standardised embedding', () => {
    // (3 - 1) / 2 = 1 and (3 - 2) / 0.5 = 2
    expect(outlierScore([3, 3], 'Co', model, units)).toBeCloseTo(0.5 + 1 - 4, 6);
  });

  test('is infinite for an element that the classifier was not shown', () => {
    expect(outlierScore([1, 2], 'Zn', model, units)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('out-of-distribution score', () => {
  const range = { middle: -4, limit: -1 };

  test('is 1 at either limit where the other figure says nothing, and more where it does', () => {
    expect(outOfDistributionScore(0.6, 0.6, -4, range)).toBe(1);
    expect(outOfDistributionScore(0, 0.6, -1, range)).toBe(1);
    expect(outOfDistributionScore(0.36, 0.6, -1.6, range)).toBeCloseTo(1); // 0.6 and 0.8
    expect(outOfDistributionScore(0.48, 0.6, -1.6, range)).toBeGreaterThan(1);
  });

  test('grows with the distance and with the odds, but not below their middle', () => {
    expect(outOfDistributionScore(0.9, 0.6, -4, range)).toBeCloseTo(1.5);
    expect(outOfDistributionScore(0, 0.6, 2, range)).toBeCloseTo(2);
    expect(outOfDistributionScore(0.3, 0.6, -40, range)).toBeCloseTo(0.5);
  });
});
