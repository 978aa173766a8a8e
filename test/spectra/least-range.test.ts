import { describe, expect, test } from '@jest/globals';
import { isReject } from '../../src/messages/reject.ts';
import { makeLeastRange } from '../../src/spectra/least-range.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import { COBALT, GRID, REFERENCES, scanOf, syntheticEdge } from './synthetic-edge.ts';

const model = { grid: GRID, references: REFERENCES };
const leastRange = makeLeastRange(model);

describe('least range', () => {
  test.each(['measured', 'feff10'])('a scan of it is read, on the scale %s', (scale) => {
    const metadata = { 'energy.scale': scale };
    const { fromEv, toEv } = leastRange(scanOf({ metadata }))!;
    const { energyEv, mu } = syntheticEdge(COBALT);
    // Its first and last point lie just beyond.
    const from = energyEv.findLastIndex((energy) => energy <= fromEv);
    const to = energyEv.findIndex((energy) => energy >= toEv) + 1;
    const read = (first: number, last: number) =>
      makePrepare(model)(
        scanOf({ metadata, energyEv: energyEv.slice(first, last), mu: mu.slice(first, last) }),
      );
    expect(isReject(read(from, to))).toBe(false);
    // It is no more than a few eV too wide.
    const { energyEv: wide } = scanOf({ energyEv });
    expect(toEv - wide[0]!).toBeGreaterThan(0);
    const short = energyEv.findIndex((energy) => energy >= toEv - 4);
    expect(read(from, short)).toMatchObject({ reason: 'grid-not-covered' });
  });

  test('there is none of what the model does not know', () => {
    expect(leastRange(scanOf({ element: 'Zn' }))).toBeNull();
    expect(leastRange(scanOf({ edge: 'L3' }))).toBeNull();
    expect(leastRange(scanOf({ metadata: { 'energy.scale': 'mine' } }))).toBeNull();
  });
});
