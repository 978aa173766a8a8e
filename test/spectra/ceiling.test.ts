import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ceilingOf, DOUBTFUL_RUN } from '../../src/spectra/ceiling.ts';

const of = (...values: number[]) => ceilingOf(Float64Array.from(values));

describe('the ceiling of a channel', () => {
  test('is the longest run of its largest value, and where it begins', () => {
    expect(of(1, 5, 2, 5, 5, 5, 3, 5, 5)).toMatchObject({ run: 3, at: 3 });
    expect(of(5, 5, 1, 7)).toMatchObject({ run: 1, at: 3 }); // what is larger counts, however short
    expect(of(4)).toMatchObject({ run: 1, at: 0 });
    expect(of(-2, -2, -1, -1, -1)).toMatchObject({ run: 3, at: 2 });
  });

  test('is none where the counter takes few values: three others stand as often in a row', () => {
    const three = (value: number) => Array<number>(DOUBTFUL_RUN).fill(value);
    const steps = [...three(1), ...three(2), ...three(3), ...three(4)];
    expect(of(...steps).isCoarse).toBe(true);
    expect(of(...three(1), ...three(2), ...three(4)).isCoarse).toBe(false);
    expect(of(...three(1), 9, ...three(1), 9, ...three(1), ...three(4)).isCoarse).toBe(false); // one value
  });

  test('is that of the definition, for any values', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1 }), (values) => {
        const high = Math.max(...values);
        const runs = values.map((_, i) => values.slice(i).findIndex((value) => value !== high));
        const lengths = runs.map((length, i) => (length < 0 ? values.length - i : length));
        const run = Math.max(...lengths);
        expect(of(...values)).toMatchObject({ run, at: lengths.indexOf(run) });
      }),
    );
  });
});
