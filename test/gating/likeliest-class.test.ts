import { expect, test } from '@jest/globals';
import { likeliestClass } from '../../src/gating/likeliest-class.ts';

test.each([
  [[1], 0],
  [[0.2, 0.7, 0.1], 1],
  [[0.1, 0.2, 0.7], 2],
  [[0.1, 0.45, 0.45], 1],
])('of %j it stands at %i', (probabilities, place) => {
  expect(likeliestClass(probabilities)).toBe(place);
  expect(likeliestClass(Float32Array.from(probabilities))).toBe(place);
});
