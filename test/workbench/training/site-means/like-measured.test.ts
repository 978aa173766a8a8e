import { expect, test } from '@jest/globals';
import { seededRandom } from '../../../../workbench/data/random.ts';
import { FINE_EV, type FineSpectrum } from '../../../../workbench/training/site-means/fine-axis.ts';
import {
  drawVariation,
  likeMeasured,
  UNVARIED,
  type Variation,
} from '../../../../workbench/training/site-means/like-measured.ts';
import { nickelSites } from './nickel-sites.ts';

const { fine } = nickelSites[0]!;
/** An edge with a peak before it, a white line at 5 eV, and a shell's wave behind it. */
const edge: FineSpectrum = {
  from: 0,
  mu: FINE_EV.map(
    (x) =>
      1 / (1 + Math.exp(-2 * x)) +
      0.6 * Math.exp(-(((x - 5) / 2) ** 2)) +
      0.1 * Math.exp(-(((x + 10) / 1.5) ** 2)) +
      (x > 12 ? 0.1 * Math.sin(((x - 12) * Math.PI) / 12) : 0),
  ),
};
const varied = (by: Partial<Variation>): Float64Array => likeMeasured(edge, { ...UNVARIED, ...by }).mu;
const at = (mu: Float64Array, offsetEv: number): number => mu[FINE_EV.indexOf(offsetEv)]!;
const peakAt = (mu: Float64Array, from: number, to: number): number => {
  const inside = FINE_EV.map((x, i) => (x >= from && x <= to ? mu[i]! : Number.NEGATIVE_INFINITY));
  return FINE_EV[inside.indexOf(Math.max(...inside))]!;
};

test('nothing is changed by zeros, and what was given never', () => {
  const before = fine.mu.slice();
  const same = likeMeasured(fine, UNVARIED);
  same.mu.forEach((value, i) => {
    expect(value).toBeCloseTo(before[i]!, 12);
  });
  likeMeasured(fine, drawVariation(seededRandom(3)));
  expect(fine.mu).toEqual(before);
});

test('stretching moves what lies above the white line away from it, and leaves the line', () => {
  const stretched = varied({ stretch: 0.05 });
  expect(peakAt(stretched, 0, 9)).toBe(5);
  expect(peakAt(edge.mu, 14, 24)).toBe(18);
  expect(peakAt(stretched, 14, 24)).toBeCloseTo(18.75, 0);
});

test('a shorter lifetime and weaker features flatten the waves, not the edge', () => {
  for (const by of [{ lifetimeEv: 2.5 }, { fineStructure: -0.4 }]) {
    const flatter = varied(by);
    expect(Math.abs(at(flatter, 42) - 1)).toBeLessThan(0.95 * Math.abs(at(edge.mu, 42) - 1));
    expect(at(flatter, 0)).toBeCloseTo(at(edge.mu, 0), 1);
  }
});

test('the white line and what lies before the edge change by themselves', () => {
  const line = varied({ whiteLine: 0.2, whiteLineEv: 3 });
  expect(at(line, 5) / at(edge.mu, 5)).toBeCloseTo(1.2, 6);
  expect(at(line, 60)).toBeCloseTo(at(edge.mu, 60), 6);
  const before = varied({ preEdge: 0.5 });
  expect(at(before, -10) / at(edge.mu, -10)).toBeCloseTo(1.5, 2);
  expect(at(before, 5)).toBeCloseTo(at(edge.mu, 5), 2);
});

test('a background bends mu above the edge alone', () => {
  const bent = varied({ bend: 0.05, bendEv: 80, bendTurns: 0.25 });
  expect(at(bent, -12)).toBeCloseTo(at(edge.mu, -12), 4);
  const ratios = FINE_EV.map((x, i) => (x > 20 ? bent[i]! / edge.mu[i]! : 1));
  expect(Math.max(...ratios)).toBeCloseTo(1.05, 3);
  expect(Math.min(...ratios)).toBeCloseTo(0.95, 3);
});

test('drawn variations keep spectra finite and near what they were', () => {
  const random = seededRandom(11);
  for (let i = 0; i < 50; i += 1) {
    const { mu } = likeMeasured(fine, drawVariation(random));
    expect(mu.every(Number.isFinite)).toBe(true);
    const off = mu.reduce((sum, value, k) => sum + Math.abs(value - fine.mu[k]!), 0) / mu.length;
    expect(off).toBeGreaterThan(0.001);
    expect(off).toBeLessThan(0.2);
  }
});
