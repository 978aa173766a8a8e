import { describe, expect, test } from '@jest/globals';
import {
  type OutOfDistributionLimits,
  outlierOdds,
  outOfDistributionScore,
} from '../../src/gating/out-of-distribution.ts';
import { siteMeansOf } from './example-means.ts';

describe('out-of-distribution score', () => {
  const range = [{ middle: -4, limit: -1 }];
  const limits: OutOfDistributionLimits = { outOfDistributionLimit: [0.6], outlierRanges: range };
  const score = (distance: number, classifier: number, means?: number, of = limits) =>
    outOfDistributionScore(distance, { classifier, means }, of, 0);

  test('is 1 at either limit where the other figure says nothing, and more where it does', () => {
    expect(score(0.6, -4)).toBe(1);
    expect(score(0, -1)).toBe(1);
    expect(score(0.36, -1.6)).toBeCloseTo(1); // 0.6 and 0.8
    expect(score(0.48, -1.6)).toBeGreaterThan(1);
  });

  test('grows with the distance and with the odds, but not below their middle', () => {
    expect(score(0.9, -4)).toBeCloseTo(1.5);
    expect(score(0, 2)).toBeCloseTo(2);
    expect(score(0.3, -40)).toBeCloseTo(0.5);
  });

  test('the network of means counts where the table goes by it, the classifier where the element teaches it', () => {
    const both = { ...limits, meansOutlierRanges: [{ middle: -6, limit: -2 }] };
    expect(score(0, -1, -2)).toBe(1); // a table that does not know of it
    expect(score(0, -1, -2, both)).toBeCloseTo(Math.SQRT2);
    expect(score(0, 5, -2, { ...both, outlierRanges: [] })).toBe(1);
    expect(score(0, -4, undefined, both)).toBe(Number.POSITIVE_INFINITY);
  });
});

test('the odds of the network of means are those of its probability; it does not read every spectrum', () => {
  const units = { mean: [0], scale: [1] };
  const classifier = { weights: [2], bias: { Co: 0.5 } };
  const embedding = Float32Array.of(1);
  const siteMeans = { ...siteMeansOf({}), outlier: 0.2 };
  const read = outlierOdds({ embedding, siteMeans }, 'Co', classifier, units);
  expect(read.classifier).toBeCloseTo(2.5);
  expect(read.means).toBeCloseTo(Math.log(0.25));
  expect(outlierOdds({ embedding }, 'Co', classifier, units).means).toBeUndefined();
});
