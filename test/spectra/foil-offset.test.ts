import { describe, expect, test } from '@jest/globals';
import type { Scan } from '../../src/messages/scan.ts';
import { firstInflectionOffset, readFoil } from '../../src/spectra/foil-offset.ts';
import { COBALT, normals, scanOf, syntheticEdge, syntheticFoil } from './synthetic-edge.ts';

const FOIL_EV = 7709;
const { energyEv, mu: sample } = syntheticEdge(COBALT);
/** As a monochromator reports it whose energies are so much too high. */
const foilAt = (highEv: number): Float64Array => syntheticFoil(energyEv, FOIL_EV + highEv);
const read = (muReference: Float64Array | null) =>
  readFoil(scanOf({ energyEv, mu: sample, muReference }), FOIL_EV);
const foilOffset = (scan: Scan, foilE0Ev: number): number | null => {
  const reading = readFoil(scan, foilE0Ev);
  return reading.kind === 'foil' ? reading.offsetEv : null;
};
const whyNot = (muReference: Float64Array): string => {
  const reading = read(muReference);
  if (reading.kind !== 'unusable') throw new Error(`Expected it not to be believed, got ${reading.kind}`);
  return reading.why;
};

describe('a foil', () => {
  test.each([-5.5, -1.75, 0, 0.4, 1.75, 5.5])('that reads %d eV too high is brought back', (highEv) => {
    const reading = read(foilAt(highEv));
    expect(reading.kind).toBe('foil');
    const offsetEv = foilOffset(scanOf({ energyEv, muReference: foilAt(highEv) }), FOIL_EV)!;
    expect(reading).toEqual({ kind: 'foil', offsetEv });
    expect(Math.abs(offsetEv + highEv)).toBeLessThan(0.2);
  });

  test('is found through noise and upon a background', () => {
    const next = normals(7);
    for (let round = 0; round < 5; round += 1) {
      const noisy = foilAt(1.75).map(
        (value, i) => 0.6 * value - 4e-4 * (energyEv[i]! - FOIL_EV) + 0.001 * next(),
      );
      expect(Math.abs(foilOffset(scanOf({ energyEv, muReference: noisy }), FOIL_EV)! + 1.75)).toBeLessThan(
        0.3,
      );
    }
  });

  test('comes from the intensities behind the sample and behind the foil as well', () => {
    const foil = foilAt(1.75);
    const it = energyEv.map((_, i) => 1e5 + 20 * i);
    const iReference = it.map((intensity, i) => intensity * Math.exp(-foil[i]!));
    const offsetEv = foilOffset(scanOf({ energyEv, it, iReference }), FOIL_EV)!;
    expect(offsetEv).toBeCloseTo(foilOffset(scanOf({ energyEv, muReference: foil }), FOIL_EV)!, 6);
    expect(readFoil(scanOf({ energyEv, it: null, iReference }), FOIL_EV)).toEqual({ kind: 'none' });
  });

  test('does not depend on the sample', () => {
    const offsets = [-8, 0, 8].map((chemicalShift) => {
      const { mu } = syntheticEdge({ ...COBALT, e0Ev: COBALT.e0Ev + chemicalShift });
      return foilOffset(scanOf({ energyEv, mu, muReference: foilAt(1.75) }), FOIL_EV);
    });
    expect(offsets[0]).not.toBeNull();
    expect(new Set(offsets).size).toBe(1);
  });
});

describe('what is not believed', () => {
  /** On the energies of the scan, as light that leaks around another sample would put it there. */
  const oneStep = (e0Ev: number, whiteLine = 0): Float64Array =>
    energyEv.map((energy) => {
      const x = energy - e0Ev;
      return 0.5 + Math.atan(x / 1.3) / Math.PI + whiteLine * Math.exp(-(((x - 4) / 3) ** 2));
    });

  const peaked = foilAt(0).map((value, i) => (energyEv[i]! > 7712 && energyEv[i]! < 7714 ? 4e18 : value));
  test.each([
    ["an oxide's single step", oneStep(FOIL_EV + 3), /rises in one step, half of it 0\.\d eV above/],
    ['a white line', syntheticFoil(energyEv, FOIL_EV, 0.4), /white line of 1\.[34]\d edge steps/],
    ['a white line beyond all measure', peaked, /white line of 4\.\d\de\+18 edge steps/],
    ["an oxide's white line", oneStep(FOIL_EV + 3, 0.6), /white line of 1\.\d\d edge steps/],
    ['energies 6.5 eV too high', foilAt(6.5), /first inflection is 6\.[456] eV from the foil's/],
    ['energies 6.5 eV too low', foilAt(-6.5), /first inflection is -6\.[456] eV from the foil's/],
    ['the sample itself', sample, /first inflection is (9|10)\.\d eV from the foil's/],
  ])('%s', (_, muReference, because) => {
    expect(whyNot(muReference)).toMatch(because);
    expect(foilOffset(scanOf({ energyEv, muReference }), FOIL_EV)).toBeNull();
  });
});

describe('there is nothing to believe', () => {
  const next = normals(4);
  const foil = foilAt(0);
  const broken = foil.slice();
  broken[10] = Number.NaN;
  const saturated = foil.slice();
  saturated[10] = 9.9e37;

  test.each([
    ['without a channel', null],
    ['in noise', energyEv.map((energy) => 0.4 - 1e-4 * (energy - FOIL_EV) + 0.002 * next())],
    ['in a step as small as light that leaks past the sample leaves', foil.map((value) => 0.03 * value)],
    ['in a step that is lost in noise', foil.map((value) => 0.2 * value + 0.02 * next())],
    ['where a point is not finite', broken],
    ['where a point is what an instrument writes when it has none', saturated],
    ['where a point is missing', foil.slice(1)],
    ['upside down', foil.map((value) => -value)],
    ["in another element's foil", syntheticFoil(energyEv, FOIL_EV - 110)],
  ])('%s', (_, muReference) => {
    expect(read(muReference)).toEqual({ kind: 'none' });
    expect(foilOffset(scanOf({ energyEv, muReference }), FOIL_EV)).toBeNull();
  });

  test('where the scan does not reach the foil', () => {
    expect(readFoil(scanOf({ energyEv, muReference: foil }), FOIL_EV - 200)).toEqual({ kind: 'none' });
  });
});

describe('firstInflectionOffset', () => {
  test('believes what is known to be a foil, whatever its shape', () => {
    const { mu: step } = syntheticEdge({ ...COBALT, whiteLine: 0 });
    expect(Math.abs(firstInflectionOffset(energyEv, step, COBALT.e0Ev + 2)! - 2)).toBeLessThan(0.1);
    expect(Math.abs(firstInflectionOffset(energyEv, foilAt(8), FOIL_EV)! + 8)).toBeLessThan(0.2);
  });

  test('takes the shoulder, not the steepest rise', () => {
    const steepest = firstInflectionOffset(
      energyEv,
      foilAt(0).map((value, i) => value - 0.19 * (0.5 + Math.atan((energyEv[i]! - FOIL_EV) / 0.8) / Math.PI)),
      FOIL_EV,
    )!;
    expect(steepest).toBeCloseTo(-7.5, 0);
    expect(Math.abs(firstInflectionOffset(energyEv, foilAt(0), FOIL_EV)!)).toBeLessThan(0.2);
  });

  test('is null where nothing rises, or the scan does not reach', () => {
    const falling = energyEv.map((energy) => 1 - 1e-3 * (energy - FOIL_EV));
    expect(firstInflectionOffset(energyEv, falling, FOIL_EV)).toBeNull();
    expect(firstInflectionOffset(energyEv, foilAt(0), FOIL_EV - 200)).toBeNull();
    const elsewhere = syntheticEdge({ ...COBALT, e0Ev: FOIL_EV - 109 }); // its wiggles rise here
    expect(firstInflectionOffset(elsewhere.energyEv, elsewhere.mu, FOIL_EV)).toBeNull();
  });
});
