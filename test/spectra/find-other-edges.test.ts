import { describe, expect, test } from '@jest/globals';
import { openBundle } from '../../src/bundle/bundle.ts';
import { edgeEv } from '../../src/messages/edge-energies.ts';
import { isReject } from '../../src/messages/reject.ts';
import { findOtherEdges } from '../../src/spectra/find-other-edges.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import { scanOf, syntheticEdge } from './synthetic-edge.ts';

const prepare = makePrepare(openBundle('models/spt').manifest);

/** A sweep from 250 eV before the lower of two edges to 400 eV behind the upper one, and the part of the own alone. */
function sweep(element: string, other: readonly [string, string], otherStep: number) {
  const [ownEv, otherEv] = [edgeEv(element, 'K')!, edgeEv(...other)!];
  const shape = { offset: 0.4, slope: -2e-4, step: 1, width: 1.5, whiteLine: 0.3, e0Ev: ownEv };
  const [fromEv, toEv] = [Math.min(0, otherEv - ownEv) - 250, Math.max(0, otherEv - ownEv) + 400];
  const own = syntheticEdge({ ...shape, fromEv, toEv });
  const mu = own.mu.map((value, i) => {
    const x = own.energyEv[i]! - otherEv;
    const wiggle = x > 0 ? 0.1 * Math.sin(x / 9) * Math.exp(-x / 80) : 0;
    return value + otherStep * (0.5 + Math.atan(x / 1.5) / Math.PI + wiggle);
  });
  const both = scanOf({ element, energyEv: own.energyEv, mu });
  const alone = syntheticEdge({ ...shape, fromEv: -200, toEv: 380 });
  return { ownEv, otherEv, both, alone: scanOf({ element, energyEv: alone.energyEv, mu: alone.mu }) };
}

const prepared = (scan: Parameters<typeof prepare>[0]) => {
  const found = prepare(scan);
  if (isReject(found)) throw new Error(found.detail);
  return found;
};

describe('another edge in the sweep that nobody declared', () => {
  test.each([
    ['Mn', ['Fe', 'K'], 0.1],
    ['Mn', ['Fe', 'K'], 1],
    ['Mn', ['Fe', 'K'], 3],
    ['Co', ['Fe', 'K'], 0.3],
    ['Co', ['Fe', 'K'], 1],
    ['Co', ['Fe', 'K'], 3],
    ['Ti', ['Ba', 'L3'], 0.6],
  ] as const)('%s with %s, %f of its step', (element, other, step) => {
    const { both, alone, otherEv } = sweep(element, other, step);
    const [read, right] = [prepared(both), prepared(alone)];
    expect(read.notes.join()).toMatch(
      new RegExp(`another edge at ${otherEv} eV: only \\d+ to \\d+ eV are read`),
    );
    expect(Math.abs(read.preparation.edgeStep / right.preparation.edgeStep - 1)).toBeLessThan(0.03);
  });

  test('a scan that reaches over edges of the tables and has but its own is read whole', () => {
    for (const element of ['Ti', 'Mn', 'Fe', 'Cu']) {
      const { both, ownEv } = sweep(element, ['Zn', 'K'], 0);
      expect(findOtherEdges(both.energyEv, both.mu!, ownEv)).toEqual([]);
    }
  });
});
