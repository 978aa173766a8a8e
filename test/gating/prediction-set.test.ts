import { describe, expect, test } from '@jest/globals';
import { massToHold, predictionSet } from '../../src/gating/prediction-set.ts';

const CLASSES = [2, 3, 4, 6];

describe('predictionSet', () => {
  test('takes the fewest classes that reach the mass', () => {
    expect(predictionSet(CLASSES, [0.05, 0.75, 0.15, 0.05], 0.7)).toEqual({ low: 3, high: 3 });
    expect(predictionSet(CLASSES, [0.05, 0.75, 0.15, 0.05], 0.8)).toEqual({ low: 3, high: 4 });
    expect(predictionSet(CLASSES, [0.3, 0.1, 0.1, 0.5], 0.8)).toEqual({ low: 2, high: 6 });
  });

  test('is never empty, and takes all classes where no mass suffices', () => {
    expect(predictionSet(CLASSES, [0.1, 0.6, 0.2, 0.1], 0)).toEqual({ low: 3, high: 3 });
    expect(predictionSet(CLASSES, [0.1, 0.6, 0.2, 0.1], 2)).toEqual({ low: 2, high: 6 });
  });
});

describe('massToHold', () => {
  test('is the mass at which the set first holds the class', () => {
    const probabilities = [0.05, 0.7, 0.2, 0.05];
    expect(massToHold(CLASSES, probabilities, 3)).toBeCloseTo(0.7, 12);
    expect(massToHold(CLASSES, probabilities, 4)).toBeCloseTo(0.9, 12);
    for (const truth of [2, 3, 4, 6]) {
      const mass = massToHold(CLASSES, probabilities, truth);
      const { low, high } = predictionSet(CLASSES, probabilities, mass - 1e-9);
      expect(low <= truth && truth <= high).toBe(true);
    }
  });

  test('is beyond any set for a class the model does not know', () => {
    expect(massToHold(CLASSES, [0.25, 0.25, 0.25, 0.25], 5)).toBe(Number.POSITIVE_INFINITY);
  });
});
