import { describe, expect, test } from '@jest/globals';
import { foilOffset } from '../../src/spectra/foil-offset.ts';
import { COBALT, normals, scanOf, syntheticEdge } from './synthetic-edge.ts';

const FOIL_EV = 7709;
// A foil whose edge a monochromator that is 1.75 eV too high reports.
const { energyEv, mu: foil } = syntheticEdge({ ...COBALT, e0Ev: FOIL_EV + 1.75, whiteLine: 0 });

describe('foilOffset', () => {
  test('is what brings the foil to its tabulated energy', () => {
    expect(foilOffset(scanOf({ energyEv, muReference: foil }), FOIL_EV)).toBeCloseTo(-1.75, 0);
  });

  test('comes from the intensities behind the sample and behind the foil as well', () => {
    const it = energyEv.map((_, i) => 1e5 + 20 * i);
    const iReference = it.map((intensity, i) => intensity * Math.exp(-foil[i]!));
    expect(foilOffset(scanOf({ energyEv, it, iReference }), FOIL_EV)).toBeCloseTo(-1.75, 0);
  });

  test('does not depend on the sample', () => {
    const offsets = [-8, 0, 8].map((chemicalShift) => {
      const { mu } = syntheticEdge({ ...COBALT, e0Ev: COBALT.e0Ev + chemicalShift });
      return foilOffset(scanOf({ energyEv, mu, muReference: foil }), FOIL_EV);
    });
    expect(new Set(offsets).size).toBe(1);
  });

  test('is null without a channel, without a foil in it, and for what is not finite', () => {
    const next = normals(4);
    const nothing = energyEv.map((energy) => 0.4 - 1e-4 * (energy - FOIL_EV) + 0.002 * next());
    const broken = foil.slice();
    broken[10] = Number.NaN;
    for (const muReference of [null, nothing, broken, foil.slice(1), foil.map((value) => -value)]) {
      expect(foilOffset(scanOf({ energyEv, muReference }), FOIL_EV)).toBeNull();
    }
  });

  test("is null for another element's foil", () => {
    const { mu: iron } = syntheticEdge({ ...COBALT, e0Ev: 7112 });
    expect(foilOffset(scanOf({ energyEv, muReference: iron.slice(0, energyEv.length) }), 7650)).toBeNull();
  });
});
