import { expect, test } from '@jest/globals';
import { structureOf } from '../../src/gating/structure.ts';
import { GRID } from '../spectra/synthetic-edge.ts';

const { offsetsEv } = GRID;
const of = (mu: (offsetEv: number) => number, lastEv = 200) =>
  structureOf(
    {
      mu: Float32Array.from(offsetsEv, mu),
      mask: Float32Array.from(offsetsEv, (offsetEv) => (offsetEv <= lastEv ? 1 : 0)),
    },
    offsetsEv,
  );
const wave = (height: number) => (offsetEv: number) => 1 + height * Math.sin(offsetEv / 2);

test('twice the oscillation is the logarithm of two more of both', () => {
  const [once, twice] = [of(wave(0.05)), of(wave(0.1))];
  expect(twice.curvature - once.curvature).toBeCloseTo(Math.log(2), 1);
  expect(twice.amplitude - once.amplitude).toBeCloseTo(Math.log(2), 1);
  const step = of(() => 1);
  expect(step.curvature).toBeLessThan(once.curvature - 2);
  expect(step.amplitude).toBeLessThan(once.amplitude - 2);
});

test('what is as narrow as noise is rough, where far waves are smooth; of a scan that ends before it is the usual', () => {
  const far = (offsetEv: number) => 1 + 0.05 * Math.sin(offsetEv / 5);
  const noisy = (offsetEv: number) => far(offsetEv) + (offsetEv > 32 ? 0.02 * Math.sin(2 * offsetEv) : 0);
  expect(of(noisy).roughness).toBeGreaterThan(of(far).roughness + 1.5);
  expect(of(noisy, 36).roughness).toBe(0);
});

test('what lies before, or far behind, or was not measured, does not count', () => {
  const plain = of(wave(0.05), 50);
  const spoiled = (offsetEv: number) =>
    (offsetEv > -8 && offsetEv < 12) || offsetEv > 50 ? 7 : wave(0.05)(offsetEv);
  expect(of(spoiled, 50)).toEqual(plain);
});

test('of a scan that ends early it is the usual', () => {
  expect(of(wave(0.3), 18)).toMatchObject({ curvature: 0, amplitude: 0, roughness: 0 });
});

test('a metal among oxides absorbs well before the edge; where nothing was measured, or noise is below zero, too', () => {
  const oxide = (offsetEv: number) => 0.5 + Math.atan(offsetEv / 0.6) / Math.PI;
  const half = (offsetEv: number) => 0.7 * oxide(offsetEv) + 0.3 * oxide(offsetEv + 10);
  expect(of(half).early).toBeGreaterThan(of(oxide).early + 1);
  const below = of((offsetEv) => (offsetEv < -8 ? -0.3 : 1)).early;
  expect(Number.isFinite(below)).toBe(true);
  expect(below).toBeLessThan(of(oxide).early);
  const { early } = structureOf({ mu: new Float32Array(160), mask: new Float32Array(160) }, offsetsEv);
  expect(early).toBe(0);
});
