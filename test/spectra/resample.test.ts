import { describe, expect, test } from '@jest/globals';
import { MAX_GAP_EV, resample } from '../../src/spectra/resample.ts';
import { normals } from './synthetic-edge.ts';

const bins = Float64Array.from({ length: 50 }, (_, i) => 100 + i + 0.01 * i * i);
const axis = (fromEv: number, toEv: number, stepEv: number): Float64Array =>
  Float64Array.from({ length: Math.round((toEv - fromEv) / stepEv) + 1 }, (_, i) => fromEv + i * stepEv);

describe('resample', () => {
  test.each([0.05, 0.7, 3])('gives back a line, up to the ends, from steps of %d eV', (stepEv) => {
    const energyEv = axis(98, 180, stepEv);
    const { mu, mask } = resample(
      energyEv,
      energyEv.map((energy) => 0.01 * energy),
      0,
      bins,
    );
    for (let i = 0; i < bins.length; i += 1) {
      expect(mask[i]).toBe(1);
      // Cells of uneven bins are not centred on them: half the difference of their halves, a quarter of 0.02 eV.
      expect(Math.abs(mu[i]! - 0.01 * bins[i]!)).toBeLessThan(1e-4);
    }
  });

  test('measures only inside the scan, and writes nothing elsewhere', () => {
    const energyEv = axis(110.4, 120.2, 0.2);
    const { mu, mask } = resample(energyEv, new Float64Array(energyEv.length).fill(2), 0, bins);
    for (let i = 0; i < bins.length; i += 1) {
      const inside = bins[i]! >= 110.4 && bins[i]! <= energyEv.at(-1)!;
      expect([mask[i], mu[i]]).toEqual(inside ? [1, 2] : [0, 0]);
    }
  });

  test('moves the scan by its shift', () => {
    const energyEv = axis(90, 170, 0.5);
    const step = energyEv.map((energy) => (energy < 115 ? 0 : 1));
    const { mu } = resample(energyEv, step, 5, bins);
    expect(bins[mu.findIndex((value) => value > 0.5)]).toBeCloseTo(120, 0);
  });

  test('averages the noise of a dense scan', () => {
    const next = normals(3);
    const energyEv = axis(95, 185, 0.05);
    const { mu } = resample(energyEv, energyEv.map(next), 0, bins);
    const spread = Math.sqrt(mu.reduce((sum, value) => sum + value * value, 0) / mu.length);
    expect(spread).toBeGreaterThan(0.12); // 1 / sqrt(20 to 30 points a bin) is about 0.2
    expect(spread).toBeLessThan(0.3);
  });

  test('does not make up values in a gap', () => {
    const energyEv = Float64Array.from([...axis(98, 120, 0.5), ...axis(120 + MAX_GAP_EV + 1, 180, 0.5)]);
    const { mu, mask } = resample(energyEv, new Float64Array(energyEv.length).fill(1), 0, bins);
    bins.forEach((bin, i) => {
      if (bin > 121 && bin < 120 + MAX_GAP_EV) expect([mask[i], mu[i]]).toEqual([0, 0]);
      if (bin < 119 || bin > 127) expect(mask[i]).toBe(1);
    });
  });

  test('reads two energies that become one number once they are moved', () => {
    const shiftEv = -1.8889167994807963;
    const near = 531 - shiftEv;
    const pair = [near - 2 ** -43, near, near + 2 ** -43, near + 2 ** -42, near + 3 * 2 ** -43];
    expect(new Set(pair).size).toBeGreaterThan(new Set(pair.map((energy) => energy + shiftEv)).size);
    const energyEv = Float64Array.from([...axis(530, 532, 0.5), ...pair, ...axis(533, 540, 0.5)]);
    const { mu, mask } = resample(
      energyEv,
      energyEv.map((_, i) => i % 2),
      shiftEv,
      axis(530, 536, 0.5),
    );
    for (const [i, value] of mu.entries()) if (mask[i] === 1) expect(Math.abs(value)).toBeLessThan(2);
    expect(mask[2]).toBe(1);
  });
});
