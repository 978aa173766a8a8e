import { describe, expect, test } from '@jest/globals';
import { scaleProbabilities } from '../../src/gating/scale-probabilities.ts';

describe('scaleProbabilities', () => {
  test('leaves probabilities as they are at temperature 1', () => {
    for (const [i, p] of scaleProbabilities([0.7, 0.2, 0.1], 1).entries())
      expect(p).toBeCloseTo([0.7, 0.2, 0.1][i]!, 9);
  });

  test('makes them less sure above 1, surer below, and keeps their order and sum', () => {
    const warm = scaleProbabilities([0.7, 0.2, 0.1], 2);
    const cold = scaleProbabilities([0.7, 0.2, 0.1], 0.5);
    expect(warm[0]).toBeLessThan(0.7);
    expect(cold[0]).toBeGreaterThan(0.7);
    for (const scaled of [warm, cold]) {
      expect(scaled.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      expect(scaled).toEqual([...scaled].sort((a, b) => b - a));
    }
  });

  test('stays finite at certainty', () => {
    expect(scaleProbabilities([1, 0], 3).every(Number.isFinite)).toBe(true);
  });
});
