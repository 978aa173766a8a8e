import { describe, expect, test } from '@jest/globals';
import type { Prepared } from '../../src/messages/prepared.ts';
import { isReject } from '../../src/messages/reject.ts';
import { correlatedNoise } from '../../src/spectra/correlated-noise.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import { COBALT, GRID, normals, REFERENCES, scanOf, syntheticEdge } from './synthetic-edge.ts';

const prepare = makePrepare({ grid: GRID, references: REFERENCES });
const edge = syntheticEdge(COBALT);

/** The synthetic edge with something added to mu at each energy, prepared. */
function preparedWith(added: (energyEv: number, i: number) => number): Prepared {
  const mu = Float64Array.from(edge.mu, (value, i) => value + added(edge.energyEv[i]!, i));
  const prepared = prepare(scanOf({ energyEv: edge.energyEv, mu }));
  if (isReject(prepared)) throw new Error(prepared.detail);
  return prepared;
}

/** White noise, averaged over neighbours by a Gaussian of so many eV; of standard deviation 1. */
function alikeOver(ev: number, seed: number): number[] {
  const normal = normals(seed);
  const white = Array.from(edge.energyEv, () => normal());
  const smooth = Array.from(edge.energyEv, (at) => {
    let sum = 0;
    white.forEach((value, j) => {
      sum += value * Math.exp(-(((edge.energyEv[j]! - at) / ev) ** 2) / 2);
    });
    return sum;
  });
  const spread = Math.sqrt(smooth.reduce((sum, value) => sum + value * value, 0) / smooth.length);
  return smooth.map((value) => value / spread);
}

const codes = ({ notes }: Prepared): string[] => notes.map((note) => note.split(':')[0]!);

describe('noise of which neighbouring points are alike', () => {
  test('is found where the residuals of the scan do not show it, and said', () => {
    for (const seed of [1, 2, 3]) {
      const noise = alikeOver(1.5, seed);
      const prepared = preparedWith((_, i) => 0.1 * noise[i]!);
      expect(prepared.preparation.hasCorrelatedNoise).toBe(true);
      expect(prepared.preparation.noise.sigma).toBeLessThan(0.03); // of 0.1
      expect(codes(prepared)).toContain('correlated-noise');
    }
  });

  test('is not found in a good scan, in noise of single points, in a jump or in wide structure', () => {
    const normal = normals(4);
    for (const added of [
      () => 0,
      () => 0.05 * normal(),
      () => 0.1 * normal(),
      (ev: number) => (ev > 7709 + 45 ? 0.2 : 0),
      (ev: number) => 0.1 * Math.sin((2 * Math.PI * ev) / 25),
    ]) {
      const prepared = preparedWith(added);
      expect(prepared.preparation.hasCorrelatedNoise).toBe(false);
      expect(codes(prepared)).not.toContain('correlated-noise');
    }
  });

  test('a scan that ends before its structure is wide says nothing of it', () => {
    const offsetsEv = Float64Array.from({ length: 80 }, (_, i) => i);
    const mu = Float32Array.from(offsetsEv, (_, i) => (i % 2 === 0 ? 1 : 1.2));
    const measuredTo = (end: number) => Float32Array.from(offsetsEv, (ev) => (ev <= end ? 1 : 0));
    expect(correlatedNoise({ mu, mask: measuredTo(79) }, offsetsEv, 0.01)).toBeCloseTo(1.4826 * 0.4, 5);
    expect(correlatedNoise({ mu, mask: measuredTo(38) }, offsetsEv, 0.01)).toBe(0); // seven bins
    expect(correlatedNoise({ mu, mask: measuredTo(40) }, offsetsEv, 0.01)).toBeGreaterThan(0);
    expect(correlatedNoise({ mu, mask: measuredTo(79) }, offsetsEv, 0.3)).toBe(0); // single points scatter as much
  });
});
