import { expect, it } from '@jest/globals';
import { allFinite } from '../../src/common/all-finite.ts';

it('knows NaN and both infinities, wherever they stand, and finds nothing in nothing', () => {
  expect(allFinite([])).toBe(true);
  expect(allFinite(Float32Array.of(1, -3.4e38, 0))).toBe(true);
  for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(allFinite([odd, 1, 2])).toBe(false);
    expect(allFinite(Float64Array.of(1, 2, odd))).toBe(false);
  }
});
