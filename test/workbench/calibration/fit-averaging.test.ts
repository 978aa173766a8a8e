import { expect, test } from '@jest/globals';
import { averagedFrom, type Flagged } from '../../../workbench/calibration/fit-averaging.ts';

const flagged = (helped: boolean, ...shares: readonly number[]): Flagged[] =>
  shares.map((share) => ({ share, helped }));
const evenly = (count: number, from: number, to: number): number[] =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / count);

test('the share of the threshold above which less noise helped more often than not', () => {
  const below = flagged(false, ...evenly(20, 0.1, 0.6));
  const above = flagged(true, 0.65, ...evenly(9, 0.7, 0.9));
  expect(averagedFrom([...below, ...above])).toBe(0.65);
  // One that was helped far below, among many that were not, and one that was not far above, change nothing.
  expect(averagedFrom([...below, ...above, ...flagged(true, 0.2), ...flagged(false, 0.8)])).toBe(0.65);
});

test('values that are trusted alike are not told apart', () => {
  const alike = [...flagged(true, 0.7, 0.7), ...flagged(false, 0.7, 0.7, 0.7)];
  expect(averagedFrom([...alike, ...flagged(false, ...evenly(20, 0.1, 0.6))])).toBeNull();
});

test('none where less noise helped none, all where it helped all, and all where they are too few to tell', () => {
  expect(averagedFrom(flagged(false, ...evenly(20, 0.1, 0.9)))).toBeNull();
  expect(averagedFrom(flagged(true, ...evenly(20, 0.1, 0.9)))).toBe(0.1);
  expect(averagedFrom(flagged(false, ...evenly(19, 0.1, 0.9)))).toBe(0);
});
