import { describe, expect, test } from '@jest/globals';
import { measureNoise } from '../../src/spectra/measure-noise.ts';
import { COBALT, normals, syntheticEdge } from './synthetic-edge.ts';

const METAL_EV = 7709;
const { energyEv, mu } = syntheticEdge({ ...COBALT, step: 1 });
const sigmas = energyEv.map((energy) => (energy < METAL_EV ? 0.004 : 0.02));
const next = normals(2);
const noisy = mu.map((value, i) => value + sigmas[i]! * next());

describe('measureNoise', () => {
  test('tells the pre-edge from the post-edge and uses the larger', () => {
    const noise = measureNoise(energyEv, noisy, null, METAL_EV);
    expect(noise.method).toBe('residual');
    expect(noise.preEdge).toBeGreaterThan(0.001);
    expect(noise.preEdge).toBeLessThan(0.009);
    expect(noise.postEdge).toBeGreaterThan(0.015);
    expect(noise.postEdge).toBeLessThan(0.025);
    expect(noise.sigma).toBe(noise.postEdge);
  });

  test('believes counting statistics that explain the residual', () => {
    expect(measureNoise(energyEv, noisy, sigmas, METAL_EV)).toMatchObject({
      method: 'counting',
      sigma: expect.closeTo(0.02, 3),
    });
  });

  test('does not believe counting statistics that are far too small', () => {
    const noise = measureNoise(
      energyEv,
      noisy,
      sigmas.map((sigma) => sigma / 5),
      METAL_EV,
    );
    expect(noise.method).toBe('residual');
    expect(noise.sigma).toBeGreaterThan(0.015);
  });

  test('leaves a region out that was not measured', () => {
    const from = energyEv.findIndex((energy) => energy > METAL_EV);
    const noise = measureNoise(energyEv.slice(from), noisy.slice(from), null, METAL_EV);
    expect(noise.preEdge).toBe(0);
    expect(noise.sigma).toBe(noise.postEdge);
  });
});
