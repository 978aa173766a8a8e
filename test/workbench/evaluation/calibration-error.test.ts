import { describe, expect, test } from '@jest/globals';
import {
  calibrationError,
  calibrationErrorByChance,
} from '../../../workbench/evaluation/calibration-error.ts';

const answers = (confidence: number, right: number, wrong: number) =>
  Array.from({ length: right + wrong }, (_, i) => ({ confidence, right: i < right }));

test('is nothing where confidence is what comes true', () => {
  expect(calibrationError([...answers(0.75, 3, 1), ...answers(1, 5, 0)])).toBeCloseTo(0, 12);
});

test('weighs the gap of each bin by its answers, whatever its sign', () => {
  // 4 answers that are too sure by 0.5, 12 that are not sure enough by 0.3
  expect(calibrationError([...answers(1, 2, 2), ...answers(0.7, 12, 0)])).toBeCloseTo(
    (4 * 0.5 + 12 * 0.3) / 16,
    12,
  );
});

test('answers of one bin are judged together, of two bins apart', () => {
  const pair = (confidence: number) => [...answers(confidence, 1, 0), ...answers(0.95, 0, 1)];
  expect(calibrationError(pair(0.96))).toBeCloseTo((1.91 - 1) / 2, 12);
  expect(calibrationError(pair(0.9))).toBeCloseTo((0.1 + 0.95) / 2, 12);
});

describe('by chance', () => {
  test('nothing where every answer is certain, and less the more answers there are', () => {
    expect(calibrationErrorByChance([1, 1, 1])).toBe(0);
    const few = calibrationErrorByChance(Array(40).fill(0.5));
    const many = calibrationErrorByChance(Array(4000).fill(0.5));
    expect(many).toBeLessThan(0.2 * few);
  });

  test('one bin: the mean distance of a share from its probability', () => {
    // sqrt(2 / pi) of the standard deviation sqrt(0.25 / 400)
    expect(calibrationErrorByChance(Array(400).fill(0.5))).toBeCloseTo(0.798 * 0.025, 2);
  });
});
