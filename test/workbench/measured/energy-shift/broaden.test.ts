import { describe, expect, test } from '@jest/globals';
import { broaden } from '../../../../workbench/measured/energy-shift/broaden.ts';

/** Steps of 0.2 eV below 20 eV, of 0.5 eV above. */
const energyEv = Float64Array.from({ length: 160 }, (_, i) => (i < 100 ? 0.2 * i : 20 + 0.5 * (i - 100)));

describe('broaden', () => {
  test('leaves a constant as it is, on uneven steps too', () => {
    for (const value of broaden(energyEv, new Float64Array(160).fill(0.7), 1.3))
      expect(value).toBeCloseTo(0.7, 10);
  });

  test('adds its sigma to that of a Gaussian, in squares', () => {
    const peak = energyEv.map((energy) => Math.exp(-0.5 * ((energy - 10) / 1.2) ** 2));
    const broadened = broaden(energyEv, peak, 0.9);
    energyEv.forEach((energy, i) => {
      // sqrt(1.2² + 0.9²) = 1.5, and the area stays
      const expected = (1.2 / 1.5) * Math.exp(-0.5 * ((energy - 10) / 1.5) ** 2);
      if (energy > 5 && energy < 15) expect(broadened[i]!).toBeCloseTo(expected, 2);
    });
  });

  test('by 0 is the spectrum itself', () => {
    const mu = energyEv.map((energy) => Math.sin(energy));
    expect(broaden(energyEv, mu, 0)).toEqual(mu);
  });
});
