import { describe, expect, test } from '@jest/globals';
import { smoothedDerivative } from '../../src/spectra/smoothed-derivative.ts';
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
