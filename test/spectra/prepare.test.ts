import { describe, expect, test } from '@jest/globals';
import type { Prepared } from '../../src/messages/prepared.ts';
import { isReject } from '../../src/messages/reject.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { ENERGY_SIGMA_EV } from '../../src/spectra/energy-sigma.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import { COBALT, GRID, normals, REFERENCES, scanOf, syntheticEdge, syntheticFoil } from './synthetic-edge.ts';

const prepare = makePrepare({ grid: GRID, references: REFERENCES });
const long = syntheticEdge(COBALT);
const theory = syntheticEdge({
  ...COBALT,
  e0Ev: 7722,
  fromEv: -12,
  toEv: 120,
  offset: 0,
  slope: 0,
  step: 1,
  whiteLine: 0.4,
});
const FEFF9 = { 'energy.scale': 'feff9' };

function prepared(fields: Partial<Scan>): Prepared {
  const result = prepare(scanOf(fields));
  if (isReject(result)) throw new Error(result.detail);
  return result;
}

describe('a scan with a pre-edge', () => {
  const { input, preparation, spectrum } = prepared(long);

  test('becomes mu from 0 to about 1 on every bin of the grid', () => {
    expect([input.element, input.edge]).toEqual(['Co', 'K']);
    expect(input.mu).toHaveLength(160);
    expect(input.mask.every((measured) => measured === 1)).toBe(true);
    expect(input.mu[0]).toBeCloseTo(0, 1);
    expect(input.mu.at(-1)).toBeCloseTo(1, 1);
  });

  test('tells what was done to it', () => {
    expect(preparation.e0Ev).toBeCloseTo(COBALT.e0Ev, 0);
    expect(preparation.edgeStep).toBeCloseTo(1.2, 1);
    expect(preparation).toMatchObject({
      energyShiftEv: 2,
      energyShiftSource: 'table',
      energyScale: 'measured',
      postEdgeDegree: 1,
      coveredFromEv: 7712,
      coveredToEv: 7852,
      noise: { method: 'residual' },
    });
    expect(preparation.preEdgeRangeEv).not.toBeNull();
  });

  test('is shown around its edge, on the scale of the model, in at most 400 points', () => {
    expect(spectrum.energyEv[0]).toBeGreaterThanOrEqual(7681);
    expect(spectrum.energyEv.at(-1)).toBeLessThan(7851);
    expect(spectrum.energyEv.length).toBeLessThanOrEqual(400);
    expect(spectrum.energyEv.length).toBeGreaterThan(150);
  });

  test('is the same in any mode, gain and background', () => {
    const i0 = long.mu.map((_, i) => 1e5 * (1 + 0.2 * Math.sin(i / 40)));
    const it = i0.map((intensity, i) => intensity * Math.exp(-2.5 * long.mu[i]! - 1));
    const fluorescence = i0.map((intensity, i) => intensity * (0.02 * long.mu[i]! + 0.1));
    for (const fields of [
      { mode: 'TRANSMISSION', i0, it } as const,
      { mode: 'FLUORESCENCE', i0, if: fluorescence } as const,
    ]) {
      const other = prepared({ energyEv: long.energyEv, ...fields }).input.mu;
      for (let i = 0; i < other.length; i += 1) expect(other[i]).toBeCloseTo(input.mu[i]!, 5);
    }
  });
});

describe('a scan without a pre-edge', () => {
  test('is divided by its mean past the edge, and nothing is fitted', () => {
    const { input, preparation } = prepared({ ...theory, metadata: FEFF9 });
    expect(preparation.preEdgeRangeEv).toBeNull();
    expect(preparation).toMatchObject({ energyShiftEv: 0, energyScale: 'feff9', postEdgeDegree: 0 });
    expect(input.mu.at(-1)).toBe(0); // not measured up there: nothing is made up
    expect(input.mask.at(-1)).toBe(0);
    const bins = [...GRID.offsetsEv.keys()].filter(
      (i) => GRID.offsetsEv[i]! >= 15 && GRID.offsetsEv[i]! < 29,
    );
    expect(bins.reduce((sum, i) => sum + input.mu[i]!, 0) / bins.length).toBeCloseTo(1, 1);
  });

  test.each(['1.83', '0.00', '3.00e-320'])('is refused where its baseline is not known: %s', (pastEdge) => {
    const raised = theory.mu.map((value, i) => {
      const isPast = theory.energyEv[i]! >= 7737 && theory.energyEv[i]! < 7751;
      return isPast && pastEdge !== '1.83' ? Number(pastEdge) : value + 0.8;
    });
    expect(prepare(scanOf({ energyEv: theory.energyEv, mu: raised, metadata: FEFF9 }))).toMatchObject({
      reason: 'grid-not-covered',
      detail:
        'Expected at least 8 eV of pre-edge, or mu at the start within 0.25 times mu past the edge, ' +
        `got 1.0 eV, 0.835 at the start and ${pastEdge} past the edge`,
    });
  });

  test('has its baseline from a short pre-edge', () => {
    const short = syntheticEdge({ ...COBALT, fromEv: -25, toEv: 60, slope: 0 });
    const { preparation, input } = prepared(short);
    expect(preparation.preEdgeRangeEv).not.toBeNull();
    expect(preparation.postEdgeDegree).toBe(0);
    expect(Math.abs(input.mu[0]!)).toBeLessThan(0.1);
  });
});

describe('the energy scale', () => {
  test('of a measured scan comes from its own foil, by a constant', () => {
    const inPlace = prepared(long);
    // The monochromator reads 3 eV too high: sample and foil both move.
    const high = prepared({
      energyEv: long.energyEv.map((energy) => energy + 3),
      mu: long.mu,
      muReference: syntheticFoil(long.energyEv, 7709),
    });
    expect(high.preparation.energyShiftSource).toBe('reference-foil');
    expect(Math.abs(high.preparation.energyShiftEv - (2 - 3))).toBeLessThan(0.2);
    expect(high.notes).toEqual([]);
    let difference = 0;
    for (let i = 0; i < 160; i += 1)
      difference = Math.max(difference, Math.abs(high.input.mu[i]! - inPlace.input.mu[i]!));
    expect(difference).toBeLessThan(0.05);
  });

  test('stays that of the table where the reference channel holds the sample, or another step', () => {
    const oneStep = long.energyEv.map((energy) => 0.5 + Math.atan((energy - 7712) / 1.3) / Math.PI);
    for (const muReference of [long.mu, oneStep]) {
      const { preparation, notes } = prepared({ ...long, muReference });
      expect(preparation).toMatchObject({ energyShiftSource: 'table', energyShiftEv: 2 });
      expect(notes).toEqual([
        expect.stringMatching(/^reference-unusable: .* the foil of Co: it.*without one$/),
      ]);
    }
  });

  test('is as well known as its source, and the network is told so', () => {
    const muReference = syntheticFoil(long.energyEv, 7709);
    const cases: [Partial<Scan>, number][] = [
      [long, Math.hypot(1, ENERGY_SIGMA_EV.shift)],
      [{ ...long, metadata: { 'energy.sigma': '0.3' } }, Math.hypot(0.3, ENERGY_SIGMA_EV.shift)],
      [{ ...long, muReference }, Math.hypot(0.2, ENERGY_SIGMA_EV.shift)],
      [{ ...theory, metadata: FEFF9 }, 0.3],
    ];
    for (const [fields, sigmaEv] of cases) {
      const { preparation, input } = prepared(fields);
      expect(preparation.energySigmaEv).toBeCloseTo(sigmaEv, 9);
      expect(input.energySigmaEv).toBe(preparation.energySigmaEv);
    }
  });

  test("never follows the scan's own edge", () => {
    const shifted = syntheticEdge({ ...COBALT, e0Ev: COBALT.e0Ev + 4 });
    expect(prepared(shifted).preparation.energyShiftEv).toBe(prepared(long).preparation.energyShiftEv);
  });

  test('must be one the model knows', () => {
    for (const scale of ['fdmnes', 'constructor']) {
      expect(prepare(scanOf({ ...long, metadata: { 'energy.scale': scale } }))).toMatchObject({
        reason: 'unknown-energy-scale',
        detail: `Expected metadata energy.scale to be one of feff9, feff10, measured for Co, got ${scale}`,
      });
    }
  });
});

describe('a broken scan', () => {
  const withPoint = (index: number, value: number): Float64Array =>
    long.mu.map((old, i) => (i === index ? value : old));
  const cut = long.energyEv.findIndex((energy) => energy > 7719);

  test.each([
    ['unknown-element', { ...long, element: 'Zn' }],
    ['unknown-element', { ...long, element: '__proto__' }],
    ['unknown-edge', { ...long, edge: 'L3' }],
    ['too-few-points', { energyEv: long.energyEv.slice(0, 5), mu: long.mu.slice(0, 5) }],
    ['unsorted-energies', { energyEv: shuffled(long.energyEv), mu: long.mu }],
    ['length-mismatch', { energyEv: long.energyEv, mu: long.mu.slice(1) }],
    ['length-mismatch', { ...long, muSigma: long.mu.slice(1) }],
    ['missing-channel', { energyEv: long.energyEv }],
    ['non-finite', { energyEv: long.energyEv, mu: withPoint(40, Number.NaN) }],
    ['dead-channel', { energyEv: long.energyEv, mu: long.mu.map(() => 1) }],
    ['saturated-channel', { energyEv: long.energyEv, mu: long.mu.map((value) => Math.min(value, 1.9)) }],
    ['inverted-edge', { energyEv: long.energyEv, mu: long.mu.map((value) => 4 - value) }],
    ['grid-not-covered', { energyEv: long.energyEv.slice(0, cut), mu: long.mu.slice(0, cut) }],
    ['grid-not-covered', { ...long, element: 'Fe' }],
    ['edge-not-found', { ...syntheticEdge({ ...COBALT, e0Ev: 7112, toEv: 900 }) }],
  ] as const)('is rejected as %s', (reason, fields) => {
    expect(prepare(scanOf(fields))).toMatchObject({ kind: 'reject', reason });
  });

  test('that is upside down is rejected as such without a pre-edge too', () => {
    const upside = theory.mu.map((value) => 1 - value);
    expect(prepare(scanOf({ energyEv: theory.energyEv, mu: upside, metadata: FEFF9 }))).toMatchObject({
      reason: 'inverted-edge',
    });
  });

  test('that falls where its edge step is read is rejected as such without a pre-edge too', () => {
    const within = (energy: number) => energy > 7748.5 && energy < 7751.5;
    const fallen = theory.mu.map((value, i) => (within(theory.energyEv[i]!) ? -20 : value));
    expect(prepare(scanOf({ energyEv: theory.energyEv, mu: fallen, metadata: FEFF9 }))).toMatchObject({
      reason: 'inverted-edge',
      detail: expect.stringMatching(/^Expected a positive edge step at 772\d\.\d eV, got -/),
    });
  });

  test('with a line beside which the networks would see no edge is rejected, one of a million steps is not', () => {
    const peaked = (steps: number) => {
      const mu = theory.mu.map((value, i) => value + steps * Math.exp(-((theory.energyEv[i]! - 7724) ** 2)));
      return prepare(scanOf({ energyEv: theory.energyEv, mu, metadata: FEFF9 }));
    };
    expect(peaked(1e6)).toMatchObject({ input: { element: 'Co' } });
    expect(peaked(1e17)).toMatchObject({
      reason: 'non-finite',
      detail: expect.stringMatching(
        /^Expected mu over the edge step of 1\.\d+ to be within .*, got 9\.\d+e\+16 at 772[34]\.\d eV$/,
      ),
    });
  });

  test('with an edge step too small to divide by is rejected by what would be divided', () => {
    const mu = theory.mu.map((value, i) => (theory.energyEv[i]! === 7724 ? 3e12 : 1e-300 * value));
    expect(prepare(scanOf({ energyEv: theory.energyEv, mu, metadata: FEFF9 }))).toMatchObject({
      reason: 'non-finite',
      detail: expect.stringMatching(
        /^Expected mu over the edge step to be a 32-bit number, got 3\.00e\+12 over 1\.\d\de-300 at index \d+$/,
      ),
    });
  });

  test('is rejected as well where only the network of means reads the point, whose axis lies elsewhere', () => {
    const references = REFERENCES.map((each) => ({ ...each, meansShiftEv: -3 }));
    const from = long.energyEv.findIndex((energy) => energy > 7690);
    const far = long.energyEv.findIndex((energy) => energy > 7852);
    const energyEv = long.energyEv.slice(from, far + 5);
    const near = { energyEv, mu: long.mu.slice(from, far + 5).fill(1e17, far - from) };
    expect(prepare(scanOf(near))).toMatchObject({ input: { element: 'Co' } });
    expect(makePrepare({ grid: GRID, references })(scanOf(near))).toMatchObject({ reason: 'non-finite' });
  });

  test('that is all noise is rejected, not answered', () => {
    const next = normals(21);
    const result = prepare(scanOf({ energyEv: long.energyEv, mu: long.mu.map(next) }));
    expect(result).toMatchObject({ kind: 'reject' });
  });

  test('of the wrong element says where its edge is', () => {
    expect(prepare(scanOf({ ...long, element: 'Fe' }))).toMatchObject({
      detail: expect.stringMatching(/rise is at 7719\.\d eV/),
    });
  });
});

describe('the noise estimate', () => {
  test.each([0.002, 0.02, 0.1])('is that of one point of the normalised scan: %d', (sigma) => {
    const next = normals(13);
    let sum = 0;
    for (let round = 0; round < 12; round += 1) {
      sum += prepared({ energyEv: long.energyEv, mu: long.mu.map((value) => value + 1.2 * sigma * next()) })
        .preparation.noise.sigma;
    }
    expect(sum / 12 / sigma).toBeGreaterThan(0.8);
    expect(sum / 12 / sigma).toBeLessThan(1.4);
  });

  test('is scaled by the edge step when it comes from counting', () => {
    const muSigma = long.mu.map(() => 0.024);
    const { noise } = prepared({ ...long, muSigma }).preparation;
    expect(noise.method).toBe('counting');
    expect(noise.sigma).toBeCloseTo(0.02, 2);
  });
});

test('the same scan gives the same answer', () => {
  expect(prepare(scanOf(long))).toEqual(prepare(scanOf(long)));
});

/** Every third point first, then the others: no order at all. */
function shuffled(values: Float64Array): Float64Array {
  const rests = [0, 1, 2].map((rest) => values.filter((_, i) => i % 3 === rest));
  return Float64Array.from(rests.flatMap((part) => [...part]));
}
