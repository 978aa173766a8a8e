import { expect, test } from '@jest/globals';
import { seededRandom } from '../../../../workbench/data/random.ts';
import { type Distortion, distort, UNDISTORTED } from '../../../../workbench/training/site-means/distort.ts';
import { FINE_EV, type FineSpectrum } from '../../../../workbench/training/site-means/fine-axis.ts';
import { nickelSites } from './nickel-sites.ts';

const { fine } = nickelSites[0]!;
const distorted = (by: Partial<Distortion>, spectrum: FineSpectrum = fine): Float64Array =>
  distort(spectrum, { ...UNDISTORTED, ...by }, seededRandom(1)).mu;
/** An edge on the whole axis: 0 before it, 1 behind it, a white line of 1.5 at its top. */
const edge: FineSpectrum = {
  from: 0,
  mu: FINE_EV.map((x) => 1 / (1 + Math.exp(-2 * x)) + 0.6 * Math.exp(-(((x - 3) / 2) ** 2))),
};
const at = (mu: Float64Array, offsetEv: number): number => mu[FINE_EV.indexOf(offsetEv)]!;

test('undistorted is the identity, on points of its own', () => {
  const same = distort(fine, UNDISTORTED, seededRandom(1));
  expect(same).toEqual(fine);
  expect(same.mu).not.toBe(fine.mu);
});

test('no distortion changes what it was given, or the axis', () => {
  const before = fine.mu.slice();
  const all: Distortion = {
    ...{ broadeningEv: 1, selfAbsorption: 1, leakage: 0.1, thickness: 2, clip: 0.9 },
    ...{ jump: 0.1, jumpAtEv: 5, correlatedNoise: 0.05 },
  };
  const { from, mu } = distort(fine, all, seededRandom(1));
  expect([from, mu.length]).toEqual([fine.from, fine.mu.length]);
  expect(fine.mu).toEqual(before);
  expect(mu.every(Number.isFinite)).toBe(true);
});

test('broadening lowers the white line and keeps the area', () => {
  for (const broadeningEv of [0.5, 1.2, 3]) {
    const broad = distorted({ broadeningEv }, edge);
    const peak = (mu: Float64Array) => mu.reduce((a, b) => Math.max(a, b));
    expect(peak(broad)).toBeLessThan(peak(edge.mu) - 0.01);
    const area = (mu: Float64Array) => mu.reduce((a, b) => a + b, 0);
    expect(area(broad) / area(edge.mu)).toBeCloseTo(1, 3);
  }
  expect(distorted({ broadeningEv: 2 }, { from: 0, mu: edge.mu.map(() => 0.7) })[40]).toBeCloseTo(0.7, 12);
});

test('broadening of a narrow peak is a Gaussian of the stated width', () => {
  const spike = { from: 0, mu: FINE_EV.map((x) => (x === 20 ? 1 : 0)) };
  const broad = distorted({ broadeningEv: 1.5 }, spike);
  const total = broad.reduce((a, b) => a + b, 0);
  const second = broad.reduce((sum, value, i) => sum + value * (FINE_EV[i]! - 20) ** 2, 0) / total;
  expect(total).toBeCloseTo(1, 9);
  expect(Math.sqrt(second)).toBeGreaterThan(1.4);
  expect(Math.sqrt(second)).toBeLessThan(1.51); // cut at three sigma
});

test('self-absorption damps the white line, keeps the edge step, and lifts what lies before the edge', () => {
  for (const selfAbsorption of [0.5, 1, 2]) {
    const damped = distorted({ selfAbsorption }, edge);
    expect(at(damped, 60)).toBeCloseTo(1, 9);
    expect(at(damped, -16)).toBeCloseTo(0, 9);
    expect(at(damped, 3)).toBeLessThan(at(edge.mu, 3) - 0.05);
    expect(at(damped, -0.5)).toBeGreaterThan(at(edge.mu, -0.5));
    expect(at(damped, 3)).toBeCloseTo(
      (at(edge.mu, 3) * (1 + selfAbsorption)) / (1 + selfAbsorption * at(edge.mu, 3)),
      12,
    );
  }
});

test('leakage damps as well, more in a thick sample, and keeps the edge step', () => {
  const [thin, thick] = [1, 3].map((thickness) => distorted({ leakage: 0.1, thickness }, edge)) as [
    Float64Array,
    Float64Array,
  ];
  for (const mu of [thin, thick]) {
    expect(at(mu, 60)).toBeCloseTo(1, 9);
    expect(at(mu, -16)).toBeCloseTo(0, 9);
  }
  expect(at(thin, 3)).toBeLessThan(at(edge.mu, 3));
  expect(at(thick, 3)).toBeLessThan(at(thin, 3) - 0.02);
});

test('clipping cuts at a share of the maximum', () => {
  const clipped = distorted({ clip: 0.8 }, edge);
  const top = Math.max(...edge.mu);
  expect(Math.max(...clipped)).toBeCloseTo(0.8 * top, 12);
  clipped.forEach((value, i) => {
    expect(value).toBe(Math.min(edge.mu[i]!, 0.8 * top));
  });
});

test('a detector’s step is where and as large as stated', () => {
  const jumped = distorted({ jump: -0.1, jumpAtEv: 12 }, edge);
  jumped.forEach((value, i) => {
    expect(value - edge.mu[i]!).toBeCloseTo(FINE_EV[i]! > 12 ? -0.1 : 0, 12);
  });
});

test('correlated noise has the stated size, and neighbours are alike', () => {
  const rest = distorted({ correlatedNoise: 0.06 }, edge).map((value, i) => value - edge.mu[i]!);
  const product = (lag: number) =>
    rest.slice(lag).reduce((sum, value, i) => sum + value * rest[i]!, 0) / (rest.length - lag);
  expect(Math.sqrt(product(0))).toBeCloseTo(0.06, 9);
  expect(product(1) / product(0)).toBeGreaterThan(0.95);
  expect(Math.abs(product(60) / product(0))).toBeLessThan(0.5); // 15 eV away nothing is alike
});
