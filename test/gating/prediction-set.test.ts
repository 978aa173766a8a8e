import { expect, test } from '@jest/globals';
import { predictionSet } from '../../src/gating/prediction-set.ts';

const CLASSES = [2, 3, 4, 6];

test('spans the classes that are probable enough', () => {
  expect(predictionSet(CLASSES, [0.05, 0.75, 0.15, 0.05], 0.2)).toEqual({ low: 3, high: 3 });
  expect(predictionSet(CLASSES, [0.05, 0.75, 0.15, 0.05], 0.1)).toEqual({ low: 3, high: 4 });
  expect(predictionSet(CLASSES, [0.3, 0.1, 0.1, 0.5], 0.3)).toEqual({ low: 2, high: 6 });
});

test('is never empty, and spans all classes where no floor suffices', () => {
  expect(predictionSet(CLASSES, [0.1, 0.6, 0.2, 0.1], 0.9)).toEqual({ low: 3, high: 3 });
  expect(predictionSet(CLASSES, [0.1, 0.6, 0.2, 0.1], 0)).toEqual({ low: 2, high: 6 });
});
