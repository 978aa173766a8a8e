import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { findE0 } from '../../src/spectra/find-e0.ts';
import { COBALT, type EdgeShape, normals, syntheticEdge } from './synthetic-edge.ts';

const CASES: readonly (EdgeShape & { name: string; larchE0Ev: number })[] = Object.values(
  JSON.parse(readFileSync(new URL('./larch-synthetic.json', import.meta.url), 'utf8')),
);

describe('findE0', () => {
  test.each(CASES)('finds what larch finds: $name', (shape) => {
    const { energyEv, mu } = syntheticEdge(shape);
    expect(Math.abs(energyEv[findE0(energyEv, mu)]! - shape.larchE0Ev)).toBeLessThan(0.3);
  });

  test('passes by a glitch of one point, and by what stands at the ends', () => {
    const { energyEv, mu } = syntheticEdge(COBALT);
    const clean = findE0(energyEv, mu);
    const spiked = mu.slice();
    spiked[energyEv.findIndex((energy) => energy > 7740)]! += 0.4;
    spiked[1]! += 5;
    spiked[spiked.length - 2]! -= 5;
    expect(Math.abs(energyEv[findE0(energyEv, spiked)]! - energyEv[clean]!)).toBeLessThan(0.6);
  });

  test('keeps to its range of points', () => {
    const { energyEv, mu } = syntheticEdge(COBALT);
    const from = energyEv.findIndex((energy) => energy > 7760);
    expect(findE0(energyEv, mu, from, energyEv.length)).toBeGreaterThanOrEqual(from);
  });

  test('stays near the edge in a noisy scan that tells its noise', () => {
    const next = normals(7);
    const { energyEv, mu } = syntheticEdge(COBALT);
    for (let round = 0; round < 20; round += 1) {
      const noisy = mu.map((value) => value + 0.05 * COBALT.step * next());
      expect(Math.abs(energyEv[findE0(energyEv, noisy, 0, noisy.length, 0.05)]! - COBALT.e0Ev)).toBeLessThan(
        4,
      );
    }
  });
});
