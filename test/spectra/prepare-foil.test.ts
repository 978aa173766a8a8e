import { describe, expect, test } from '@jest/globals';
import { isReject, type Reject } from '../../src/messages/reject.ts';
import type { Scan } from '../../src/messages/scan.ts';
import type { StandardFoil } from '../../src/spectra/energy-shift.ts';
import { makePrepareWithFoil } from '../../src/spectra/prepare.ts';
import { makePrepareFoil } from '../../src/spectra/prepare-foil.ts';
import { COBALT, GRID, REFERENCES, scanOf, syntheticEdge, syntheticFoil } from './synthetic-edge.ts';

const prepare = makePrepareWithFoil({ grid: GRID, references: REFERENCES });
const prepareFoil = makePrepareFoil({ references: REFERENCES });

/** The monochromator reads so many eV too high. */
const HIGH_EV = 3;
const read = ({ energyEv, mu }: { energyEv: Float64Array; mu: Float64Array }) => ({
  energyEv: energyEv.map((energy) => energy + HIGH_EV),
  mu,
});
const { energyEv: foilEnergies } = syntheticEdge({ ...COBALT, e0Ev: 7709 });
const foil = { energyEv: foilEnergies, mu: syntheticFoil(foilEnergies, 7709) };
const sample = syntheticEdge(COBALT);

function known<Result>(result: Result | Reject): Result {
  if (isReject(result)) throw new Error(result.detail);
  return result;
}
const foilOf = (fields: Partial<Scan>): StandardFoil => known(prepareFoil(scanOf(fields)));

describe('a foil that was measured by itself', () => {
  test('has the offset of its monochromator, in mu, transmission and fluorescence alike', () => {
    const i0 = foil.mu.map(() => 1000);
    const { energyEv } = read(foil);
    for (const channels of [
      { mu: foil.mu },
      { mode: 'TRANSMISSION' as const, i0, it: foil.mu.map((mu) => 1000 * Math.exp(-mu)) },
      { mode: 'FLUORESCENCE' as const, i0, if: foil.mu.map((mu) => 1000 * mu) },
    ]) {
      expect(foilOf({ energyEv, ...channels }).offsetEv).toBeCloseTo(-HIGH_EV, 0);
    }
  });

  test('need not reach as far as a sample', () => {
    const { energyEv, mu } = read(foil);
    const inside = (_: number, i: number) => Math.abs(energyEv[i]! - 7712) < 25;
    const short = { energyEv: energyEv.filter(inside), mu: mu.filter(inside) };
    expect(foilOf(short).offsetEv).toBeCloseTo(-HIGH_EV, 0);
    expect(prepare(scanOf(short), null)).toMatchObject({ kind: 'reject' });
  });

  test('brings a sample of that monochromator to where a right one has it', () => {
    const right = known(prepare(scanOf(sample), null));
    const { offsetEv } = foilOf(read(foil));
    const moved = known(prepare(scanOf(read(sample)), { offsetEv }));
    const unmoved = known(prepare(scanOf(read(sample)), null));
    expect(moved.preparation.energyShiftSource).toBe('standard-foil');
    expect(moved.preparation.energyShiftEv).toBeCloseTo(2 - HIGH_EV, 0);
    const largest = (mu: Float32Array) =>
      Math.max(...mu.map((value, i) => Math.abs(value - right.input.mu[i]!)));
    expect(largest(moved.input.mu)).toBeLessThan(0.1);
    expect(largest(unmoved.input.mu)).toBeGreaterThan(0.5);
  });

  test('does not count where the scan has a foil of its own, nor on computed energies', () => {
    const beside = { ...sample, energyEv: foil.energyEv, mu: syntheticEdge({ ...COBALT, e0Ev: 7709 }).mu };
    const own = known(prepare(scanOf({ ...beside, muReference: foil.mu }), { offsetEv: -9 }));
    expect(own.preparation.energyShiftSource).toBe('reference-foil');
    expect(own.preparation.energyShiftEv).toBeCloseTo(2, 0);
    const computed = known(
      prepare(scanOf({ ...sample, metadata: { 'energy.scale': 'feff9' } }), { offsetEv: -9 }),
    );
    expect(computed.preparation).toMatchObject({ energyShiftSource: 'table', energyShiftEv: 0 });
  });

  test('is refused where it shows no edge of its metal, or cannot be prepared', () => {
    const refused = (fields: Partial<Scan>) => prepareFoil(scanOf(fields));
    expect(refused({ ...foil, metadata: { 'energy.scale': 'feff9' } })).toMatchObject({
      reason: 'unknown-energy-scale',
      detail: expect.stringContaining('energies of a foil to be measured'),
    });
    expect(refused({ ...foil, mu: foil.mu.map(() => 1) })).toMatchObject({ reason: 'dead-channel' });
    expect(refused({ ...foil, element: 'Xx' })).toMatchObject({ reason: 'unknown-element' });
  });
});
