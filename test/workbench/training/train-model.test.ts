import { expect, test } from '@jest/globals';
import { isBest } from '../../../workbench/training/train-model.ts';

test('the best epoch has the highest score; without any score it is the last', () => {
  const best = (scores: readonly (number | null)[]) => {
    let found = { epoch: 0, score: null as number | null };
    scores.forEach((score, i) => {
      if (isBest(score, found.score)) found = { epoch: i + 1, score };
    });
    return found.epoch;
  };
  expect(best([0.2, 0.5, 0.4, 0.5])).toBe(2);
  expect(best([null, null, null])).toBe(3);
  expect(best([null, -2, null, -3])).toBe(2);
});
