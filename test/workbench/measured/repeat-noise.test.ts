import { describe, expect, test } from '@jest/globals';
import { repeatNoise } from '../../../workbench/measured/repeat-noise.ts';
import { COBALT, normals, scanOf, syntheticEdge } from '../../spectra/synthetic-edge.ts';

const next = normals(5);
const { energyEv, mu } = syntheticEdge(COBALT);
const repeat = (sigma: number, drift = 0) =>
  scanOf({
    energyEv,
    mu: mu.map((value, i) => value + COBALT.step * (sigma * next() + (i > 300 ? drift : 0))),
  });

describe('repeatNoise', () => {
  test('finds the noise that was added to each repeat, over the edge step', () => {
    const noise = repeatNoise(Array.from({ length: 6 }, () => repeat(0.01)))!;
    expect(noise.points).toBeGreaterThan(50);
    expect(noise.pointToPoint / 0.01).toBeGreaterThan(0.8);
    expect(noise.pointToPoint / 0.01).toBeLessThan(1.2);
  });

  test('cannot compare repeats on other energies, nor one scan with itself', () => {
    const moved = { ...repeat(0.01), energyEv: energyEv.map((energy) => energy + 0.1) };
    expect(repeatNoise([repeat(0.01), moved])).toBeNull();
    expect(repeatNoise([repeat(0.01)])).toBeNull();
  });
});
