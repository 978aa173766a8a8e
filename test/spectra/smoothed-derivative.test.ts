import { describe, expect, test } from '@jest/globals';
import { MAX_STEPS, smoothedDerivative, smoothingAxis } from '../../src/spectra/smoothed-derivative.ts';
import { normals } from './synthetic-edge.ts';

const energyEv = Float64Array.from(
  { length: 120 },
  (_, i) => 7000 + (i < 60 ? 0.2 * i : 12 + 0.9 * (i - 60)),
);

describe('smoothedDerivative', () => {
  test('of a line is its slope, on uneven steps and at the ends, smoothed or not', () => {
    const mu = energyEv.map((energy) => 2 - 0.03 * (energy - 7000));
    for (const width of [0, 0.3, 2]) {
      for (const slope of smoothedDerivative(energyEv, mu, 0, 120, 0.3, width))
        expect(slope).toBeCloseTo(-0.03, 10);
    }
  });

  test('of a step peaks where the step is', () => {
    const mu = energyEv.map((energy) => Math.atan((energy - 7006) / 1.5));
    const derivative = smoothedDerivative(energyEv, mu, 10, 110, 0.3, 0.5);
    expect(derivative).toHaveLength(100);
    expect(energyEv[10 + derivative.indexOf(Math.max(...derivative))]).toBeCloseTo(7006, 1);
  });

  test('calms noise the more the wider it is', () => {
    const next = normals(1);
    const mu = energyEv.map(next);
    const spread = (width: number): number => {
      const derivative = smoothedDerivative(energyEv, mu, 0, 60, 0.3, width);
      return Math.sqrt(derivative.reduce((sum, slope) => sum + slope * slope, 0) / 60);
    };
    expect(spread(0.3)).toBeLessThan(0.7 * spread(0));
    expect(spread(2)).toBeLessThan(0.5 * spread(0.3));
  });

  test('takes no finer axis than its width needs: 20,000 points over 10 keV with one tiny step are done in a moment', () => {
    const wide = Float64Array.from({ length: 20_000 }, (_, i) => 5000 + i / 2);
    wide[1] = 5000.01;
    const mu = wide.map((energy) => Math.atan(energy - 8000));
    const derivative = smoothedDerivative(wide, mu, 0, wide.length, 0.01, 6);
    expect(wide[derivative.indexOf(Math.max(...derivative))]).toBeCloseTo(8000, 0);
  });
});

describe('the cost of smoothing', () => {
  // Of one scan, in multiplications: steps of the even axis times the width of the Lorentzian on it.
  const cost = (spanEv: number, finestEv: number, widthEv: number) => {
    const { stepEv, reach } = smoothingAxis(spanEv, finestEv, widthEv);
    return (spanEv / stepEv) * (2 * reach + 1);
  };

  test('is bounded however far apart energies lie, and however fine the steps', () => {
    for (const spanEv of [1, 1000, 1e5, 2e5, 1e8, 1e300]) {
      for (const finestEv of [0.01, 0.1, 1]) {
        for (const widthEv of [0.05, 0.1, 1, 7]) {
          expect(cost(spanEv, finestEv, widthEv)).toBeLessThanOrEqual(200 * MAX_STEPS);
        }
      }
    }
  });

  test('leaves every scan as it was that spans less than 2,500 eV', () => {
    expect(smoothingAxis(2400, 0.0125, 0.1)).toEqual({ stepEv: 0.0125, reach: 97 });
  });
});
