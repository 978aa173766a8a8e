import { describe, expect, test } from '@jest/globals';
import { fitLogistic } from '../../../workbench/calibration/fit-logistic.ts';
import { normals } from '../../spectra/synthetic-edge.ts';

const next = normals(11);
/** Features [x, y, nothing]; the odds are 1 + 2x - 3y. */
const rows = Array.from({ length: 20_000 }, () => {
  const features = [next(), next(), next()];
  const odds = 1 + 2 * features[0]! - 3 * features[1]!;
  return { features, odds };
});

describe('fitLogistic', () => {
  test('finds the odds that labels were drawn from', () => {
    // Labels by their expectation: each row counts as both, weighted by the probability.
    const expected = rows.flatMap(({ features, odds }) => {
      const probability = 1 / (1 + Math.exp(-odds));
      return [
        { features, positive: true, weight: probability },
        { features, positive: false, weight: 1 - probability },
      ];
    });
    const { weights, bias } = fitLogistic(expected, 1e-9);
    expect(bias).toBeCloseTo(1, 5);
    for (const [i, weight] of [2, -3, 0].entries()) expect(weights[i]!).toBeCloseTo(weight, 5);
  });

  test('stays finite where a line parts the classes, the closer to zero the larger the penalty', () => {
    const parted = rows
      .slice(0, 500)
      .map(({ features }) => ({ features, positive: features[0]! > 0, weight: 1 }));
    const [small, large] = [1, 100].map((penalty) => fitLogistic(parted, penalty).weights[0]!);
    expect(small).toBeGreaterThan(2);
    expect(large).toBeGreaterThan(0);
    expect(large).toBeLessThan(small! / 2);
  });

  test('refuses to fit nothing', () => {
    expect(() => fitLogistic([], 1)).toThrow(RangeError);
  });
});
