import { describe, expect, test } from '@jest/globals';
import { addRepeat, meanOf, sumsOf } from '../../src/accumulation/repeat-sums.ts';

const energyEv = Float64Array.of(7700, 7701, 7703);
const repeat = (values: readonly number[], foil: readonly number[] | null = values) => ({
  energyEv,
  mu: Float64Array.from(values),
  muReference: foil && Float64Array.from(foil),
});

describe('sums over repeats', () => {
  test('the mean is weighted, of the foil as well', () => {
    const sums = addRepeat(sumsOf(repeat([0, 1, 2]), 3), repeat([4, 1, 6]), 1)!;
    expect(meanOf(sums)).toEqual({
      energyEv,
      mu: Float64Array.of(1, 1, 3),
      muReference: Float64Array.of(1, 1, 3),
    });
  });

  test('a foil that one repeat lacks is none of the mean', () => {
    const sums = addRepeat(sumsOf(repeat([0, 1, 2]), 1), repeat([0, 1, 2], null), 1)!;
    expect(meanOf(sums).muReference).toBeNull();
  });

  test('energies of an encoder that does not stand still are averaged, others are no repeats', () => {
    const moved = (by: number) => ({ ...repeat([0, 1, 2]), energyEv: energyEv.map((each) => each + by) });
    const sums = sumsOf(repeat([0, 1, 2]), 1);
    expect(meanOf(addRepeat(sums, moved(0.08), 1)!).energyEv[1]).toBeCloseTo(7701.04, 6);
    expect(addRepeat(sums, moved(0.15), 1)).toBeNull();
    const { mu } = repeat([0, 1]);
    expect(
      addRepeat(sums, { energyEv: energyEv.slice(0, 2), mu: mu.slice(0, 2), muReference: null }, 1),
    ).toBeNull();
  });
});
