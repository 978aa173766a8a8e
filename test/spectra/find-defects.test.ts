import { describe, expect, test } from '@jest/globals';
import { NO_CHANNELS, type Scan } from '../../src/messages/scan.ts';
import { ceilingOf } from '../../src/spectra/ceiling.ts';
import { checkChannel } from '../../src/spectra/check-channel.ts';
import { findDefects } from '../../src/spectra/find-defects.ts';
import { findJumps } from '../../src/spectra/find-jumps.ts';
import { COBALT, normals, scanOf, syntheticEdge } from './synthetic-edge.ts';

const EDGE_EV = 7709;
const edge = syntheticEdge(COBALT);
const energyEv = Float64Array.from(edge.energyEv);
const mu = Float64Array.from(edge.mu);
const stepped = (atEv: number, by: number) => mu.map((value, i) => value + (energyEv[i]! > atEv ? by : 0));
const good: Scan = scanOf(edge);

describe('findJumps', () => {
  test.each([0.1, -0.1, 0.2])('finds a detector that reads %f edge steps more from an energy on', (by) => {
    for (const offsetEv of [-60, -12, 20, 35, 70]) {
      const [atEv, ...more] = findJumps(energyEv, stepped(EDGE_EV + offsetEv, by), EDGE_EV);
      expect(more).toEqual([]);
      expect(Math.abs(atEv! - (EDGE_EV + offsetEv))).toBeLessThan(5);
    }
  });

  test('finds none in an edge, in a spike, or in noise', () => {
    expect(findJumps(energyEv, mu, EDGE_EV)).toEqual([]);
    const at = energyEv.findIndex((ev) => ev > EDGE_EV + 40);
    const spiked = mu.map((value, i) => (i === at || i === at + 1 ? value + 3 : value));
    expect(findJumps(energyEv, spiked, EDGE_EV)).toEqual([]);
    const noise = normals(3);
    expect(
      findJumps(
        energyEv,
        mu.map((value) => value + 0.05 * noise()),
        EDGE_EV,
      ),
    ).toEqual([]);
  });
});

describe('ceilingOf', () => {
  test('tells a ceiling from a counter of few steps', () => {
    const wave = Float64Array.from({ length: 200 }, (_, i) => 5 + Math.sin(i / 9));
    const cut = wave.map((value) => Math.min(value, 5.5));
    expect(ceilingOf(cut)).toMatchObject({ isCoarse: false });
    expect(checkChannel('it', cut, 200, { positive: true, mayBeConstant: false })).toMatchObject({
      reason: 'saturated-channel',
    });
    const counted = wave.map((value) => Math.round(8 * value));
    expect(ceilingOf(counted)).toMatchObject({ run: expect.any(Number), isCoarse: true });
    expect(ceilingOf(counted).run).toBeGreaterThan(6);
    expect(checkChannel('it', counted, 200, { positive: true, mayBeConstant: false })).toBeNull();
  });
});

describe('findDefects', () => {
  test('says nothing of a good scan', () => {
    expect(findDefects(good, mu, EDGE_EV)).toEqual([]);
  });

  test('names each defect by its code, and where it is', () => {
    const top = [...mu].sort((a, b) => b - a)[3]!;
    const clipped = mu.map((value) => Math.min(value, top));
    expect(findDefects({ ...good, ...NO_CHANNELS, mode: 'MU', mu: clipped }, clipped, EDGE_EV)).toEqual([
      expect.stringMatching(/^clipped-maximum: 4 points of mu from 77\d\d\.\d eV on/),
    ]);
    const counted = { ...good, ...NO_CHANNELS, mode: 'FLUORESCENCE' as const };
    const coarse = { ...counted, i0: mu.map(() => 7), if: mu.map((value) => Math.round(10 * value) + 7) };
    expect(findDefects(coarse, mu, EDGE_EV)).toEqual([expect.stringMatching(/^coarse-counts: if takes few/)]);
    expect(findDefects(good, stepped(EDGE_EV + 30, 0.15), EDGE_EV)).toEqual([
      expect.stringMatching(/^jump: mu is another one behind 77\d\d\.\d eV, all at once/),
    ]);
  });
});
