import { describe, expect, test } from '@jest/globals';
import { SPECTRUM_SIZE, spectrumAxis, watchedSpectrum } from '../../src/change-points/spectrum-bins.ts';

const energyEv = Float32Array.from({ length: 400 }, (_, i) => 7680 + 0.4 * i);
/** An arctangent edge with a white line behind it. */
const edge = (ev: number, line = 0.4) =>
  0.5 + Math.atan((ev - 7725) / 1.5) / Math.PI + line * Math.exp(-(((ev - 7729) / 3) ** 2));
const spectrum = (muAt: (ev: number) => number) => ({ energyEv, mu: energyEv.map(muAt) });

const first = spectrum((ev) => edge(ev));
const axis = spectrumAxis(first)!;
const movedBy = (muAt: (ev: number) => number): number => {
  const [a, b] = [watchedSpectrum(first, axis)!, watchedSpectrum(spectrum(muAt), axis)!];
  return Math.hypot(...a.map((value, j) => b[j]! - value));
};

describe('the bins of a spectrum', () => {
  test('a baseline, its slope, the height of the edge and a small shift of the energies are no change', () => {
    expect(movedBy((ev) => edge(ev) + 0.05)).toBeLessThan(1e-3);
    expect(movedBy((ev) => edge(ev) + 0.002 * (ev - 7725))).toBeLessThan(1e-3);
    expect(movedBy((ev) => 1.05 * edge(ev))).toBeLessThan(1e-3);
    expect(movedBy((ev) => edge(ev - 0.1))).toBeLessThan(0.01);
  });

  test('another shape is', () => {
    expect(movedBy((ev) => edge(ev, 0.5))).toBeGreaterThan(0.03);
  });

  test('a scan that does not reach over the bins says nothing', () => {
    const until = (ev: number) => ({
      energyEv: energyEv.filter((each) => each < ev),
      mu: first.mu.filter((_, i) => energyEv[i]! < ev),
    });
    expect(watchedSpectrum(until(7740), axis)).toBeNull();
    expect(spectrumAxis(until(7740))).toBeNull();
    expect(watchedSpectrum(until(7750), axis)).toHaveLength(SPECTRUM_SIZE);
  });

  test('bins without a point are on the line between their neighbours', () => {
    const coarse = { energyEv: [7700, 7724, 7726, 7760], mu: [0, 0, 1, 1] };
    const onLine = spectrumAxis(coarse)!;
    expect(watchedSpectrum(coarse, onLine)!.every(Number.isFinite)).toBe(true);
  });
});
