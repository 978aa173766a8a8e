import { expect, test } from '@jest/globals';
import { logOdds, termCount, termOfSquare, termsOf } from '../../src/gating/logistic-model.ts';

test('terms are deviations from the mean, at most four, and every product of two', () => {
  const model = { mean: [0, 1, 2, 3], deviation: [2, 2, 2, 2] };
  const terms = termsOf([3, 41, -38, 5], model);
  expect(terms).toHaveLength(termCount(4));
  expect(terms).toEqual([1.5, 4, -4, 1, 2.25, 6, -6, 1.5, 16, -16, 4, 16, -4, 1]);
  expect([0, 1, 2, 3].map((piece) => terms[termOfSquare(piece, 4)])).toEqual([2.25, 16, 16, 1]);
});

test('evidence that a model does not know of has no weight', () => {
  const two = { mean: [0, 0], deviation: [1, 1], weights: [1, 0, 0, 0, 2], bias: -3 };
  expect(termsOf([0.5, 2, 7, 7], two)).toEqual([0.5, 2, 0.25, 1, 4]);
  expect(logOdds([0.5, 2, 7, 7], two)).toBe(0.5 + 8 - 3);
});

test('the log odds are the bias and the terms by their weights', () => {
  const weights = Array.from({ length: termCount(3) }, (_, i) => 0.3 * i - 1);
  const model = { mean: [1, 2, 3], deviation: [0.5, 1, 2], weights, bias: 0.25 };
  const evidence = [1.2, 0.7, 9];
  const weighed = termsOf(evidence, model).reduce((sum, term, i) => sum + weights[i]! * term, 0.25);
  expect(logOdds(evidence, model)).toBe(weighed);
});
