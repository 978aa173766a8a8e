import { describe, expect, test } from '@jest/globals';
import { offsetsOf, type Site, toGrid } from '../../../../workbench/data/dataset.ts';
import {
  FINE,
  FINE_EV,
  type FineSpectrum,
  mixedSpectrum,
  onFineAxis,
} from '../../../../workbench/training/site-means/fine-axis.ts';
import { nickel, nickelSites } from './nickel-sites.ts';

const site: Site = nickelSites[0]!;
/** A site whose spectrum is a straight line between two offsets. */
function lineBetween(fromEv: number, toEv: number): Site {
  const middleEv = site.energyEv[0]! - offsetsOf(site, nickel)[0]!;
  const offsets = Float64Array.from({ length: 40 }, (_, i) => fromEv + ((toEv - fromEv) * i) / 39);
  return {
    ...site,
    energyEv: offsets.map((offset) => middleEv + offset),
    mu: offsets.map((x) => 1 + 0.01 * x),
  };
}

test('the axis is even and finer than the grid', () => {
  expect([FINE_EV[0], FINE_EV[1]! - FINE_EV[0]!, FINE_EV.length]).toEqual([-16, 0.25, FINE.points]);
  expect(FINE_EV.at(-1)).toBe(136);
});

test.each([
  [-12.1, 40.3, -12, 40.25],
  [-5, 5, -5, 5],
  [-30, 200, -16, 136],
])('from %d to %d eV there are points from %d to %d eV, and none is made up', (fromEv, toEv, first, last) => {
  const { from, mu } = onFineAxis(lineBetween(fromEv - 1e-6, toEv + 1e-6), nickel);
  expect(FINE_EV[from]).toBe(first);
  expect(FINE_EV[from + mu.length - 1]).toBe(last);
  mu.forEach((value, i) => {
    expect(value).toBeCloseTo(1 + 0.01 * FINE_EV[from + i]!, 9);
  });
});

test('a spectrum that lies beside the axis has no points on it', () => {
  expect(onFineAxis(lineBetween(140, 200), nickel).mu).toHaveLength(0);
  expect(onFineAxis(lineBetween(-60, -20), nickel).mu).toHaveLength(0);
});

test('it is the spectrum as any other interpolation gives it', () => {
  for (const { fine, ...own } of nickelSites.slice(0, 5)) {
    const { mu, mask } = toGrid(offsetsOf(own, nickel), own.mu, FINE_EV);
    expect(mask.indexOf(1)).toBe(fine.from);
    expect(mask.lastIndexOf(1)).toBe(fine.from + fine.mu.length - 1);
    for (let i = 0; i < fine.mu.length; i += 1) expect(fine.mu[i]).toBeCloseTo(mu[fine.from + i]!, 5);
  }
});

describe('a mixed spectrum', () => {
  const part = (from: number, ...mu: number[]): FineSpectrum => ({ from, mu: Float64Array.from(mu) });

  test('is the weighted sum where all were computed', () => {
    const mixed = mixedSpectrum([part(3, 1, 2, 3, 4), part(4, 10, 20, 30, 40)], [0.75, 0.25]);
    expect(mixed.from).toBe(4);
    expect([...mixed.mu]).toEqual([0.75 * 2 + 2.5, 0.75 * 3 + 5, 0.75 * 4 + 7.5]);
  });

  test('of one is that one, and of two that do not meet there is none', () => {
    expect(mixedSpectrum([part(3, 1, 2)], [1])).toEqual(part(3, 1, 2));
    expect(mixedSpectrum([part(0, 1, 2), part(5, 1, 2)], [0.5, 0.5]).mu).toHaveLength(0);
  });
});
