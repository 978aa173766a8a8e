import { describe, expect, test } from '@jest/globals';
import type { ElementReference } from '../../../../src/messages/prepared.ts';
import { fitMeasuredMeans } from '../../../../workbench/measured/site-means/fit-measured-means.ts';
import { fitShiftsToMeans } from '../../../../workbench/measured/site-means/fit-shifts-to-means.ts';
import { measuredMeansPage } from '../../../../workbench/measured/site-means/measured-means-page.ts';
import { type Reading, TRIED_EV } from '../../../../workbench/measured/site-means/read-at-shifts.ts';
import { predictionOf } from '../../../gating/example-gate.ts';
import { edgeAt, preparedOf, siteMeansOf } from '../../../gating/example-means.ts';
import { GRID, scanOf } from '../../../spectra/synthetic-edge.ts';

const offsetsEv = [...GRID.offsetsEv];
/** The model's own shift is where computed oxides look most like measured ones. */
const REFERENCES: readonly ElementReference[] = [
  { element: 'Mn', edge: 'K', referenceEv: 6550, shiftsEv: { feff9: 0, measured: 3 }, foilE0Ev: 6539 },
  { element: 'Co', edge: 'K', referenceEv: 7722, shiftsEv: { feff9: 0 }, foilE0Ev: 7709 },
];

/**
 * A scan whose mean is read right where the energies are moved by `rightEv`, and 0.3 off for each eV beside it; its
 * edge lies at `edgeEv`.
 */
function reading(options: {
  readonly group: string;
  readonly state: number;
  readonly rightEv?: number;
  readonly element?: string;
  readonly isSeries?: boolean;
  readonly edgeEv?: number;
  readonly read?: number;
}): Reading {
  const { group, state, rightEv = 0, element = 'Mn', isSeries = false, edgeEv = 0, read = state } = options;
  return {
    known: {
      ...{ id: `${group} ${state}`, group, isSeries, meanOxidationState: state },
      scan: scanOf({ element }),
    },
    means: TRIED_EV.map((tried) => state + 0.3 * (tried - rightEv)),
    prepared: preparedOf(edgeAt(edgeEv)),
    prediction: { ...predictionOf([0, 1, 0]), siteMeans: siteMeansOf({ mean: read }) },
  };
}
const groups = (rightEv: readonly number[], element = 'Mn') =>
  rightEv.map((each, i) => reading({ group: `${element} ${i}`, state: 2 + 0.2 * i, rightEv: each, element }));

describe('the shift of an element', () => {
  test.each([-3, -0.5, 0, 1.5, 4])('is found where it was put in, at %d eV', (rightEv) => {
    const [fit] = fitShiftsToMeans(groups(Array(5).fill(rightEv)), REFERENCES);
    expect(fit).toMatchObject({ element: 'Mn', shiftEv: rightEv, sigmaEv: 0.3 });
  });

  test('each group counts once, however many scans it has', () => {
    const one = reading({ group: 'A', state: 3, rightEv: 4 });
    const many = [...Array.from({ length: 9 }, () => one), ...groups([1, 1, 1, 1])];
    const [fit] = fitShiftsToMeans(many, REFERENCES);
    expect(fit!.shiftEv).toBe(1);
    expect(fit!.groups.map(({ scans }) => scans)).toEqual([9, 1, 1, 1, 1]);
  });

  test('is worth what groups agree on, and no more than few of them can say', () => {
    const sigmaOf = (rightEv: readonly number[]) => fitShiftsToMeans(groups(rightEv), REFERENCES)[0]!.sigmaEv;
    expect(sigmaOf([1, 1, 1, 1])).toBe(0.3);
    expect(sigmaOf([-3, -1, 1, 3, 5])).toBeGreaterThan(0.6);
    expect(sigmaOf([1, 1, 1])).toBe(1);
    expect(sigmaOf([1])).toBe(2);
  });

  test('elements are fitted by themselves', () => {
    const fits = fitShiftsToMeans(
      [...groups(Array(5).fill(2)), ...groups(Array(5).fill(-2), 'Co')],
      REFERENCES,
    );
    expect(fits.map(({ element, shiftEv }) => [element, shiftEv])).toEqual([
      ['Co', -2],
      ['Mn', 2],
    ]);
  });

  test('a scan that cannot be prepared at a shift speaks against it', () => {
    const cut = groups(Array(5).fill(2)).map((each) => ({
      ...each,
      means: each.means.map((value, i) => (TRIED_EV[i]! === 2 ? null : value)),
    }));
    expect(Math.abs(fitShiftsToMeans(cut, REFERENCES)[0]!.shiftEv - 2)).toBe(0.5);
  });

  test('a group that is left out is read with the shift of the others', () => {
    const [fit] = fitShiftsToMeans(groups([4, 1, 1, 1, 1]), REFERENCES);
    const [odd, ...rest] = fit!.groups;
    expect(odd).toMatchObject({
      ...{ othersEv: 1, bias: expect.closeTo(-0.9, 9), error: expect.closeTo(0.9, 9) }, // 0.3 x (1 - 4)
    });
    for (const each of rest) expect(each).toMatchObject({ othersEv: 1, error: expect.closeTo(0, 9) });
    // Of two and two, the others of each are those of the other kind for the most part.
    const [even] = fitShiftsToMeans(groups([4, 4, 1, 1], 'Co'), REFERENCES);
    expect(even!.groups.map(({ othersEv }) => othersEv)).toEqual([1, 1, 4, 4]);
    const [single] = fitShiftsToMeans(groups([2]), REFERENCES);
    expect(single!.groups[0]).toMatchObject({ othersEv: 0, error: expect.closeTo(0.6, 9) }); // there are no others
  });

  test('a group that is left out is read with what the others and the usual shift say, as the others are', () => {
    // Of two, each is read with the fit of the other alone; both were put where the model's own shift is likely.
    const [fit] = fitShiftsToMeans(groups([6, 6]), REFERENCES);
    expect(fit!.groups.map(({ othersEv }) => othersEv)).toEqual([6, 6]);
  });
});

describe('what measured scans teach of intervals', () => {
  /** Series whose edges move by so many eV for a unit, and that the network reads right. */
  const series = (name: string, evPerUnit: number, off = 0) =>
    [2, 2.25, 2.5, 2.75, 3].map((state) =>
      reading({
        ...{ group: name, isSeries: true, state, edgeEv: evPerUnit * (state - 2) },
        read: state + off * (state - 2),
      }),
    );
  const known = [...series('A', 2), ...series('B', 2), ...series('C', 2)];
  const taught = (readings: readonly Reading[]) =>
    fitMeasuredMeans(readings, fitShiftsToMeans(readings, REFERENCES), offsetsEv);

  test('the edge moves as far for a unit as it was made to', () => {
    const { measured, change } = taught(known);
    expect(measured.change.evPerUnit).toBeCloseTo(2, 1);
    expect(measured.change).toMatchObject({ floor: 0.1, share: 0 });
    expect(change.map(({ name, pairs, rightSign, coverage }) => [name, pairs, rightSign, coverage])).toEqual([
      ['A', 20, 1, 1],
      ['B', 20, 1, 1],
      ['C', 20, 1, 1],
    ]);
    for (const { error } of change) expect(error).toBeLessThan(0.03);
  });

  test('each series is left out in turn, and one that goes its own way widens the interval', () => {
    const { measured, change } = taught([...series('A', 2), ...series('B', 2), ...series('C', 6)]);
    expect(measured.change.share).toBeGreaterThan(0.2);
    const [first, , odd] = change;
    expect(first!.coverage).toBeGreaterThan(odd!.coverage); // judged by what the others gave
    expect(odd!.coverage).toBe(0);
    expect(odd!.slope).toBeCloseTo(6, 0);
    expect(odd!.error).toBeGreaterThan(0.3);
  });

  test('what lies between the ends of a series is read between them', () => {
    const { measured, anchored } = taught(known);
    expect(measured.anchored.floor).toBe(0.03);
    for (const { scans, error, half, coverage } of anchored) {
      expect(scans).toBe(3);
      expect(error).toBeLessThan(0.03);
      expect(half).toBeLessThan(0.15);
      expect(coverage).toBeGreaterThan(0.6); // of three; a half is rounded
    }
  });

  test('an element whose series is read worse between its scans has a wider interval, and widens that of the rest', () => {
    const crooked = (state: number) => 2 * (state - 2) + 2 * (state - 2) * (3 - state);
    const odd = [2, 2.25, 2.5, 2.75, 3].map((state) =>
      reading({
        ...{ group: 'V glass', element: 'V', isSeries: true, state, edgeEv: crooked(state), read: state },
      }),
    );
    const { measured, anchored } = taught([...known, ...odd]);
    const { V, other } = measured.anchored.factor;
    expect(V).toBeGreaterThan(other);
    expect(other).toBeGreaterThan(taught(known).measured.anchored.factor.other);
    expect(measured.anchored.factor.Mn).toBeUndefined();
    // Of five scans ten pairs: three within the widest, two each of two, one each of three.
    expect(anchored.map(({ readings }) => readings)).toEqual([10, 10, 10, 10]);
  });

  test('compounds are no series, nor are scans of nearly one state', () => {
    const flat = [2, 2.05, 2.1].map((state) => reading({ group: 'flat', isSeries: true, state }));
    const { change, anchored } = taught([...known, ...flat, ...groups([0, 0, 0])]);
    expect(change.map(({ name }) => name)).toEqual(['A', 'B', 'C']);
    expect(anchored.map(({ name }) => name)).toEqual(['A', 'B', 'C']);
  });

  test('theory is off by what is left when others give the shift, and never by less than few groups can show', () => {
    const domainOf = (rightEv: readonly number[]) =>
      taught([...known, ...groups(rightEv, 'Co')]).measured.domain;
    expect(domainOf([0, 0, 0, 0, 0])).toMatchObject({ Co: 0.15, other: 0.6 });
    expect(domainOf([0, 0, 0]).Co).toBe(0.3);
    expect(domainOf([0]).Co).toBe(0.6);
    expect(domainOf([-4, -4, 4, 4, 0]).Co).toBeGreaterThan(0.6);
  });

  test('the page says what was found', () => {
    const shifts = fitShiftsToMeans(known, REFERENCES);
    const references = REFERENCES.map((each) => ({ ...each, meansShiftEv: 3 })); // as it was written from such a fit
    const page = measuredMeansPage({ id: 'spt-8', references }, shifts, taught(known));
    expect(page).toContain('# Mean oxidation states of measured samples, model spt-8');
    expect(page).toMatch(/\| Mn +\| +3\.0 \| +1\.00 \| A +\| +5 \|/);
    expect(page).toContain('other 0.6');
  });
});
