import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { selectRank } from '../../src/spectra/select-rank.ts';

test('the value of a rank is that of the sorted values, whatever their order and however many are equal', () => {
  const values = fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: 0, max: 3 }));
  fc.assert(
    fc.property(fc.array(values, { minLength: 1 }), fc.nat(), (numbers, at) => {
      const rank = at % numbers.length;
      const sorted = Float64Array.from(numbers).sort();
      const moved = Float64Array.from(numbers);
      expect(selectRank(moved, rank)).toBeCloseTo(sorted[rank]!, 12);
      expect(Math.max(...moved.subarray(0, rank))).toBeLessThanOrEqual(sorted[rank]!); // estimateNoise goes by it
      expect(moved.toSorted()).toEqual(sorted);
    }),
  );
});

test('values in order, in reverse and all alike do not take long', () => {
  const count = 200_000;
  for (const value of [(i: number) => i, (i: number) => count - i, () => 7]) {
    const values = Float64Array.from({ length: count }, (_, i) => value(i));
    const sorted = values.toSorted();
    expect(selectRank(values, 150_000)).toBe(sorted[150_000]);
  }
});
