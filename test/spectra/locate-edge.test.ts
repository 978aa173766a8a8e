import { describe, expect, test } from '@jest/globals';
import { locateEdge } from '../../src/spectra/locate-edge.ts';
import { COBALT, normals, syntheticEdge } from './synthetic-edge.ts';

const METAL_EV = 7709;
const { energyEv, mu } = syntheticEdge(COBALT);
const locate = (values: Float64Array, noise = 1e-4) => locateEdge(energyEv, values, METAL_EV, noise, 'Co K');

describe('locateEdge', () => {
  test('finds the edge, though it lies 10 eV above the metal', () => {
    expect(energyEv[locate(mu) as number]).toBeCloseTo(COBALT.e0Ev, 0);
  });

  test('finds it where something else is steeper but does not rise', () => {
    const glitched = mu.slice();
    const at = energyEv.findIndex((energy) => energy > 7800);
    for (const [i, height] of [0.5, 1.4, 1.5, 1.4, 0.5].entries()) glitched[at + i]! += height;
    expect(energyEv[locate(glitched) as number]).toBeCloseTo(COBALT.e0Ev, 0);
  });

  test('says where the edge is when it is another one', () => {
    const iron = syntheticEdge({ ...COBALT, e0Ev: 7112, toEv: 900 });
    expect(locateEdge(iron.energyEv, iron.mu, METAL_EV, 1e-4, 'Co K')).toMatchObject({
      reason: 'edge-not-found',
      detail: expect.stringMatching(
        /^Expected the Co K edge near 7709 eV, got the steepest rise at 711[12]\.\d eV$/,
      ),
    });
  });

  test('names an inverted edge', () => {
    expect(locate(mu.map((value) => 3 - value))).toMatchObject({
      reason: 'inverted-edge',
      detail: expect.stringContaining('got a fall of'),
    });
  });

  test('names no edge elsewhere in a scan that is all noise', () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const next = normals(seed);
      expect(locate(mu.map(next), 1)).toMatchObject({ reason: 'edge-step-too-small' });
    }
  });

  test('names an edge that drowns in noise', () => {
    const next = normals(9);
    const noise = 0.5 * COBALT.step;
    expect(
      locate(
        mu.map((value) => value + noise * next()),
        noise,
      ),
    ).toMatchObject({ reason: 'edge-step-too-small' });
  });
});
