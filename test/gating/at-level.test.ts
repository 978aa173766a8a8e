import { expect, test } from '@jest/globals';
import { atLevel } from '../../src/gating/at-level.ts';

const figures = { '0.9': [2, 20], '0.5': [1, 10], '0.95': [3, 30] };

test.each([
  [0.5, 0, 1],
  [0.9, 1, 20],
  [0.7, 1, 15],
  [0.925, 0, 2.5],
  [0.99, 0, undefined],
  [0.3, 0, 1],
])('at %s in bin %s: %s', (level, bin, expected) => {
  const found = atLevel(figures, level)?.[bin];
  if (expected === undefined) expect(found).toBeUndefined();
  else expect(found).toBeCloseTo(expected, 9);
});
