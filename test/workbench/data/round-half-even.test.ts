import { describe, expect, test } from '@jest/globals';
import { roundDecimals, roundSignificant } from '../../../workbench/data/round-half-even.ts';

describe('roundSignificant', () => {
  test.each([
    [0.0558178, 6, 0.0558178],
    [0.16071499999, 5, 0.16071],
    [1.015625, 6, 1.01562], // a double of just this value, halfway: to the even digit
    [1.046875, 6, 1.04688],
    [-1.015625, 6, -1.01562],
    [1.005, 3, 1.0], // the double is a little less
    [2.5, 1, 2],
    [3.5, 1, 4],
    [1234565, 6, 1234560],
    [9.999995, 6, 10], // a little more
    [0, 6, 0],
  ])('%d to %d digits is %d', (value, digits, rounded) => {
    expect(roundSignificant(value, digits)).toBe(rounded);
  });
});

describe('roundDecimals', () => {
  test.each([
    [8983.5065, 3, 8983.506], // the double is a little less
    [0.0005, 3, 0.001], // a little more
    [8983.5625, 3, 8983.562],
    [8983.9375, 3, 8983.938],
    [-0.0625, 3, -0.062],
    [2.5, 0, 2],
    [7709.282, 3, 7709.282],
  ])('%d to %d decimals is %d', (value, decimals, rounded) => {
    expect(roundDecimals(value, decimals)).toBe(rounded);
  });
});
