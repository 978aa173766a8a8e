import { describe, expect, test } from '@jest/globals';
import { outlierScore } from '../../src/gating/outlier-classifier.ts';

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
