import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openBundle } from '../../src/bundle/bundle.ts';
import { isReject } from '../../src/messages/reject.ts';
import { type Scan, SWEEP_ELEMENTS_KEY } from '../../src/messages/scan.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import { MOST_SWEEPS, splitSweeps } from '../../src/spectra/split-sweeps.ts';
import { COBALT, scanOf, syntheticEdge } from './synthetic-edge.ts';

const { manifest } = openBundle('models/spt');
const prepare = makePrepare(manifest);
const { energyEv, mu } = syntheticEdge(COBALT);
const scansOf = (scan: Scan): readonly Scan[] => {
  const scans = splitSweeps(scan);
  if (isReject(scans)) throw new Error(scans.detail);
  return scans;
};

const stepOf = (scan: Scan): number => {
  const prepared = prepare(scan);
  if (isReject(prepared)) throw new Error(prepared.detail);
  return prepared.preparation.edgeStep;
};

type Piece = 'up' | 'down' | 'flight';
/** Sweeps one after the other as one record; a flight back takes no points. */
function record(pieces: readonly Piece[], change: Partial<Scan> = {}, jitterEv = 0): Scan {
  const energies: number[] = [];
  const absorption: number[] = [];
  for (const piece of pieces) {
    if (piece === 'flight') continue;
    const order = piece === 'up' ? energyEv.keys() : [...energyEv.keys()].reverse();
    for (const i of order) {
      energies.push(energyEv[i]! + jitterEv * Math.sin(energies.length * 12.9898));
      absorption.push(mu[i]! + 0.001 * energies.length);
    }
  }
  const arrays = { energyEv: Float64Array.from(energies), mu: Float64Array.from(absorption) };
  return scanOf({ ...arrays, scanId: 'q', sequence: 7, startedAtMs: 1000, endedAtMs: 5000, ...change });
}

describe('splitSweeps', () => {
  test('a scan that is one spectrum is left as it is, downwards and with jitter too', () => {
    for (const scan of [record(['up']), record(['down']), record(['up'], {}, 0.4)]) {
      expect(scansOf(scan)).toEqual([scan]);
      expect(scansOf(scan)[0]).toBe(scan);
    }
  });

  test('the numbers of sweeps end where an event holds none any more', () => {
    const sequence = Number.MAX_SAFE_INTEGER - 1;
    expect(scansOf(record(['up', 'down'], { sequence })).map((scan) => scan.sequence)).toEqual([
      sequence,
      sequence,
    ]);
  });

  test('up and down: each sweep is a scan of its own, with its number, its time and its points', () => {
    const scans = scansOf(record(['up', 'down', 'up', 'down']));
    expect(scans.map(({ scanId, sequence }) => [scanId, sequence])).toEqual([
      ['q/1', 7],
      ['q/2', 8],
      ['q/3', 9],
      ['q/4', 10],
    ]);
    expect(scans.map(({ startedAtMs }) => startedAtMs).map((ms) => Math.round(ms / 1000))).toEqual([
      1, 2, 3, 4,
    ]);
    expect(scans[0]!.metadata.note).toBe('sweep 1 of 4 in one record');
    const alone = stepOf(record(['up']));
    for (const scan of scans) expect(stepOf(scan) / alone).toBeCloseTo(1, 0);
  });

  test('upwards again and again, with a flight back that has no points or some', () => {
    const flown = record(['up', 'flight', 'up', 'flight', 'up']);
    expect(scansOf(flown).map(({ energyEv: { length } }) => length)).toEqual([
      energyEv.length,
      energyEv.length,
      energyEv.length,
    ]);
    const withPoints = record(['up']);
    const back = Float64Array.of(7900, 7800, 7700);
    const twice = (values: Float64Array, between: Float64Array) =>
      Float64Array.of(...values, ...between, ...values);
    const scans = scansOf({
      ...withPoints,
      energyEv: twice(withPoints.energyEv, back),
      mu: twice(withPoints.mu!, Float64Array.of(1, 1, 1)),
    });
    expect(scans.map(({ scanId }) => scanId)).toEqual(['q/1', 'q/2']);
    expect(scans[1]!.metadata.note).toBe('sweep 2 of 2 in one record; 3 points between sweeps are left out');
  });

  test('a sweep over two edges becomes a scan of each element, cropped to its own edge', () => {
    const iron = syntheticEdge({ ...COBALT, e0Ev: 7112, step: 1, fromEv: -150, toEv: 420 });
    const cobalt = syntheticEdge({ ...COBALT, e0Ev: 7712, step: 1.6, fromEv: -150, toEv: 260 });
    const joint = iron.mu.at(-1)! - cobalt.mu[0]!;
    const both = scanOf({
      energyEv: Float64Array.of(...iron.energyEv, ...cobalt.energyEv),
      mu: Float64Array.of(...iron.mu, ...cobalt.mu.map((value) => value + joint)),
      metadata: { [SWEEP_ELEMENTS_KEY]: 'Fe, Co', note: 'hot' },
      scanId: 'q',
    });
    const scans = scansOf(both);
    expect(scans.map(({ scanId, element }) => [scanId, element])).toEqual([
      ['q/Fe', 'Fe'],
      ['q/Co', 'Co'],
    ]);
    expect(scans[0]!.metadata.note).toMatch(
      /^hot; the scan goes over another edge at 7709 eV: only 6962 to 76\d\d eV/,
    );
    expect(stepOf(scans[0]!) / stepOf(scanOf({ ...iron, element: 'Fe' }))).toBeCloseTo(1, 1);
    expect(stepOf(scans[1]!) / stepOf(scanOf(cobalt))).toBeCloseTo(1, 1);
  });

  test.each([1, 99_999_999])('one wrong energy, %d, makes no two sweeps of one', (wrongEv) => {
    for (const at of [30, 120, 200]) {
      const energies = energyEv.map((energy, i) => (i === at ? wrongEv : energy));
      const scan = scanOf({ energyEv: energies, mu });
      expect(scansOf(scan)).toEqual([scan]);
      expect(prepare(scan)).toMatchObject({
        reason: expect.stringMatching(/unsorted-energies|out-of-range/),
      });
    }
  });

  test('a last sweep that is cut off is a sweep', () => {
    const { energyEv: energies, mu: absorption, ...rest } = record(['up', 'down', 'up']);
    const end = energies.length - 120;
    const scans = scansOf({ ...rest, energyEv: energies.slice(0, end), mu: absorption!.slice(0, end) });
    expect(scans.map(({ scanId }) => scanId)).toEqual(['q/1', 'q/2', 'q/3']);
  });

  test('what has no order stays whole and is refused as before', () => {
    const shuffled = record(['up']).energyEv.map((_, i, all) => all[(i * 97) % all.length]!);
    const scan = record(['up'], { energyEv: shuffled });
    expect(scansOf(scan)).toEqual([scan]);
    expect(prepare(scan)).toMatchObject({ reason: 'unsorted-energies' });
  });

  test('more sweeps or elements than a record may have', () => {
    const saw = Float64Array.from({ length: 25 * (MOST_SWEEPS + 2) }, (_, i) => 7700 + (i % 25));
    expect(splitSweeps(scanOf({ energyEv: saw, mu: saw }))).toMatchObject({
      reason: 'too-many-points',
    });
    const metadata = { [SWEEP_ELEMENTS_KEY]: Array.from({ length: 17 }, (_, i) => `X${i}`).join() };
    expect(splitSweeps(scanOf({ ...record(['up']), metadata }))).toMatchObject({
      reason: 'field-too-long',
    });
  });

  test('whatever energies are: no point is in two places but an end, and ids are unique', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { maxLength: 300 }), (energies) => {
        const scan = scanOf({ energyEv: Float64Array.from(energies), mu: Float64Array.from(energies) });
        const scans = scansOf(scan);
        expect(scans.length).toBeGreaterThan(0);
        expect(new Set(scans.map(({ scanId }) => scanId)).size).toBe(scans.length);
        const points = scans.reduce((sum, each) => sum + each.energyEv.length, 0);
        expect(points).toBeLessThanOrEqual(energies.length + scans.length);
      }),
    );
  });
});
