import { describe, expect, test } from '@jest/globals';
import { chooseThreshold, type Trial } from '../../../workbench/calibration/choose-threshold.ts';

/** 400 sites, sure ones right, the rest right at the given rate; confidence falls with i. */
const trials = (rateBelow: number, draws = 1): Trial[] =>
  Array.from({ length: 400 * draws }, (_, k) => {
    const i = Math.floor(k / draws);
    return { confidence: 1 - i / 400, right: i < 200 || i % 10 < 10 * rateBelow, site: `site ${i}` };
  });

describe('chooseThreshold', () => {
  test('accepts what stays right often enough, by a bound and not by the share alone', () => {
    const threshold = chooseThreshold(trials(0.5), 0.95, 0.9)!;
    const accepted = trials(0.5).filter(({ confidence }) => confidence >= threshold);
    const right = accepted.filter(({ right }) => right).length;
    expect(right / accepted.length).toBeGreaterThan(0.96);
    expect(accepted.length).toBeGreaterThanOrEqual(200);
    expect(chooseThreshold(trials(0.5), 0.95, 0.999)!).toBeGreaterThan(threshold);
  });

  test('accepts all where all are right, and none where too few are', () => {
    expect(chooseThreshold(trials(1), 0.95, 0.9)).toBeCloseTo(1 / 400, 9);
    const wrong = trials(1).map((trial, i) => ({ ...trial, right: i % 5 > 0 }));
    expect(chooseThreshold(wrong, 0.95, 0.9)).toBeNull();
    expect(chooseThreshold([], 0.95, 0.9)).toBeNull();
  });

  test('does not count draws of one site as evidence', () => {
    const few = trials(1).slice(0, 20);
    expect(chooseThreshold(few, 0.95, 0.9)).toBeNull();
    const manyDraws = few.flatMap((trial) => Array.from({ length: 30 }, () => trial));
    expect(chooseThreshold(manyDraws, 0.95, 0.9)).toBeNull();
  });

  test('does not part equal confidences', () => {
    const equal = trials(0.5).map((trial, i) => ({ ...trial, confidence: i < 100 ? 1 : 0.5 }));
    expect(chooseThreshold(equal, 0.95, 0.9)).toBe(1);
  });
});
