import { describe, expect, test } from '@jest/globals';
import { estimateNoise, MIN_RESIDUALS } from '../../src/spectra/estimate-noise.ts';
import { COBALT, normals, syntheticEdge } from './synthetic-edge.ts';

const { energyEv, mu } = syntheticEdge({ ...COBALT, step: 1 });

function meanEstimate(sigma: number, from: number, to: number): number {
  const next = normals(11);
  let sum = 0;
  for (let round = 0; round < 40; round += 1) {
    sum += estimateNoise(
      energyEv,
      mu.map((value) => value + sigma * next()),
      from,
      to,
    );
  }
  return sum / 40;
}

describe('estimateNoise', () => {
  test.each([0.001, 0.003, 0.01, 0.03, 0.1])(
    'is right within 15%% at sigma %d, edge and uneven steps included',
    (sigma) => {
      const all = meanEstimate(sigma, 0, mu.length);
      expect(all / sigma).toBeGreaterThan(0.85);
      expect(all / sigma).toBeLessThan(1.15);
    },
  );

  test('does not take the curvature of a clean edge for noise', () => {
    expect(estimateNoise(energyEv, mu, 0, mu.length)).toBeLessThan(2e-4);
  });

  test('is not moved by a glitch', () => {
    const next = normals(5);
    const noisy = mu.map((value) => value + 0.01 * next());
    const plain = estimateNoise(energyEv, noisy, 0, noisy.length);
    noisy[200]! += 30;
    expect(estimateNoise(energyEv, noisy, 0, noisy.length) / plain).toBeLessThan(1.1);
  });

  test('says NaN where there are too few points', () => {
    expect(estimateNoise(energyEv, mu, 50, 50 + MIN_RESIDUALS - 1)).toBeNaN();
    expect(estimateNoise(energyEv, mu, 60, 40)).toBeNaN();
  });

  test('even steps, whose weights are known, and steps that are uneven by a hair have the same noise', () => {
    const next = normals(9);
    const even = Float64Array.from({ length: 200 }, (_, i) => 7000 + 0.25 * i);
    const uneven = even.map((energy, i) => energy + (i % 2) * 1e-7);
    const noisy = even.map((energy) => Math.atan(energy - 7020) + 0.01 * next());
    const [a, b] = [even, uneven].map((energies) => estimateNoise(energies, noisy, 0, 200));
    expect(a! / b!).toBeCloseTo(1, 5);
  });
});
