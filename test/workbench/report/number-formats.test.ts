import { expect, test } from '@jest/globals';
import { fixed, megaflop, percent, signed } from '../../../workbench/report/number-formats.ts';

test.each([
  [0.12345, 3, '0.123'],
  [-0.0004, 3, '-0.000'],
  [2, 0, '2'],
  [null, 3, '-'],
  [undefined, 3, '-'],
  [Number.NaN, 3, '-'],
])('fixed(%s, %s) is %s', (value, decimals, expected) => {
  expect(fixed(value, decimals)).toBe(expected);
});

test.each([
  [0.2514, 1, '25.1%'],
  [1, 0, '100%'],
  [null, 1, '-'],
  [Number.NaN, 1, '-'],
])('percent(%s, %s) is %s', (share, decimals, expected) => {
  expect(percent(share, decimals)).toBe(expected);
});

test.each([
  [0.0123, '+0.012'],
  [0, '+0.000'],
  [-0.5, '-0.500'],
  [-0.0001, '-0.000'],
  [null, '-'],
])('signed(%s) is %s', (value, expected) => {
  expect(signed(value)).toBe(expected);
});

test('a sign of minus of its own', () => {
  expect(signed(-0.5, 1, '−')).toBe('−0.5');
  expect(signed(0.5, 1, '−')).toBe('+0.5');
});

test('millions of operations', () => {
  expect(megaflop(3_912_345)).toBe('3.91 MFLOP');
  expect(megaflop(40_000, 3)).toBe('0.040 MFLOP');
});
