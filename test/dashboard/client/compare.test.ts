import { describe, expect, test } from '@jest/globals';
import { onEnergies } from '../../../dashboard/client/src/charts/on-energies.ts';
import { averageOf } from '../../../dashboard/client/src/state/average.ts';
import { linearCombination } from '../../../dashboard/client/src/state/linear-combination.ts';
import type { Spectrum } from '../../../dashboard/client/src/state/spectrum.ts';
import { seeded } from '../fixture-events.ts';

const ENERGIES = Float32Array.from({ length: 120 }, (_, i) => 7700 + 0.7 * i);
const edge = (at: number, white: number) => (ev: number) =>
  1 / (1 + Math.exp(-(ev - at) / 1.5)) + white * Math.exp(-(((ev - at - 4) / 3) ** 2));
const spectrum = (of: (ev: number) => number, more: Partial<Spectrum> = {}): Spectrum => ({
  ...{ scanId: 's', sampleId: 'a', element: 'Co', sequence: 0, atMs: 0, noiseSigma: 0.01, e0Ev: 7720 },
  energyEv: ENERGIES,
  mu: Float32Array.from(ENERGIES, of),
  ...more,
});
const [reduced, oxidised, other] = [edge(7718, 0.4), edge(7721, 0.9), edge(7719, 1.6)];

describe('linearCombination', () => {
  const components = [reduced, oxidised, other].map((of) => spectrum(of));

  test('finds the shares of a noisy mixture within their uncertainty, and what is left over is the noise', () => {
    const random = seeded(7);
    const gaussian = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
    const off: number[] = [];
    for (let round = 0; round < 40; round++) {
      const scan = spectrum((ev) => 0.3 * reduced(ev) + 0.7 * oxidised(ev) + 0.01 * gaussian());
      const found = linearCombination(scan, components.slice(0, 2), 0.01)!;
      expect(found.shares[0]! + found.shares[1]!).toBeCloseTo(1, 6);
      off.push((found.shares[0]! - 0.3) / found.uncertainties[0]!);
      const size = Math.sqrt(
        found.residual.reduce((sum, value) => sum + value ** 2, 0) / found.residual.length,
      );
      expect(size).toBeGreaterThan(0.007);
      expect(size).toBeLessThan(0.013);
    }
    const spread = Math.sqrt(off.reduce((sum, value) => sum + value ** 2, 0) / off.length);
    expect(spread).toBeGreaterThan(0.7);
    expect(spread).toBeLessThan(1.35);
  });

  test('gives what is not in it no negative share, and of a component itself all', () => {
    const beyond = spectrum((ev) => 1.3 * oxidised(ev) - 0.3 * reduced(ev));
    expect(linearCombination(beyond, components.slice(0, 2), 0.01)!.shares).toEqual([
      0,
      expect.closeTo(1, 6),
    ]);
    const found = linearCombination(spectrum(other), components, 0.01)!;
    expect(found.shares[2]).toBeCloseTo(1, 5);
    expect(found.rFactor).toBeLessThan(1e-9);
  });

  test('says nothing where there is too little in common, and takes like components for one', () => {
    const elsewhere = spectrum(reduced, { energyEv: ENERGIES.map((ev) => ev + 500) });
    expect(linearCombination(spectrum(other), [elsewhere, components[0]!], 0.01)).toBeNull();
    const twice = linearCombination(spectrum(reduced), [components[0]!, components[0]!], 0.01)!;
    expect(twice.shares[0]! + twice.shares[1]!).toBeCloseTo(1, 6);
  });
});

describe('averageOf', () => {
  test('weighs by noise, on the energies that all measured', () => {
    const moved = ENERGIES.map((ev) => ev + 1.4);
    const found = averageOf([
      spectrum(() => 1),
      spectrum(() => 4, { noiseSigma: 0.02 }),
      spectrum(() => 1, { energyEv: moved }),
    ])!;
    expect(found.count).toBe(3);
    expect(found.energyEv.length).toBe(118);
    for (const mu of found.mu) expect(mu).toBeCloseTo((1 + 4 / 4 + 1) / 2.25, 5);
    expect(found.noiseSigma).toBeCloseTo(0.01 / Math.sqrt(2.25), 6);
    expect(averageOf([])).toBeNull();
  });
});

test('onEnergies extrapolates nothing', () => {
  const curve = { energyEv: Float32Array.of(10, 20), mu: Float32Array.of(0, 1) };
  expect([...onEnergies(curve, [5, 10, 15, 20, 25])]).toEqual([Number.NaN, 0, 0.5, 1, Number.NaN]);
});
