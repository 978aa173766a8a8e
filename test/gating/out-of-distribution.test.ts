import { describe, expect, test } from '@jest/globals';
import {
  metalOdds,
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

  test('the metal detector counts where the table goes by it', () => {
    const metalRanges = [{ middle: -5, limit: -1 }];
    const by = (metal: number, of: OutOfDistributionLimits) =>
      outOfDistributionScore(0.3, { classifier: -4, means: -9, metal }, of, 0);
    expect(by(3, limits)).toBeCloseTo(0.5); // a table that does not know of it
    expect(by(3, { ...limits, metalRanges })).toBeCloseTo(Math.hypot(0.5, 2));
    expect(by(-8, { ...limits, metalRanges })).toBeCloseTo(0.5);
    expect(score(0.3, -4, -9, { ...limits, metalRanges })).toBeCloseTo(0.5); // nobody looked
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

test('the odds of metal grow with what is absorbed before the edge, by a table that has a detector', () => {
  const offsetsEv = [-9.5, -8, -6, -5, -3, 0];
  const five = (value: number) => new Array<number>(5).fill(value);
  const weights = [...five(1), ...new Array<number>(15).fill(0)];
  const metalDetector = { mean: five(-2), deviation: five(1), weights, bias: 0 };
  const inputOf = (mu: number) => ({ mu: new Float32Array(6).fill(mu), mask: new Float32Array(6).fill(1) });
  const [oxide, half] = [0.05, 0.2].map((mu) => metalOdds(inputOf(mu), { metalDetector, offsetsEv })!);
  expect(half! - oxide!).toBeCloseTo(5 * Math.log(0.22 / 0.07), 4);
  expect(metalOdds(inputOf(0.2), { offsetsEv })).toBeUndefined();
});
