import { describe, expect, test } from '@jest/globals';
import { NO_CHANNELS, type Scan } from '../../src/messages/scan.ts';
import { cropToEdge } from '../../src/spectra/crop-to-edge.ts';
import { dropFarPoints } from '../../src/spectra/drop-far-points.ts';
import { orderPoints } from '../../src/spectra/order-points.ts';
import { repairSpikes } from '../../src/spectra/repair-spikes.ts';
import { COBALT, normals, scanOf, syntheticEdge } from './synthetic-edge.ts';

const EDGE_EV = 7709;
const good: Scan = scanOf(syntheticEdge(COBALT));
const small = (energyEv: number[], changes: Partial<Scan> = {}): Scan => ({
  ...good,
  ...NO_CHANNELS,
  energyEv: Float64Array.from(energyEv),
  mu: Float64Array.from(energyEv, (_, i) => i),
  ...changes,
});

describe('orderPoints', () => {
  test('leaves a scan alone that is in order', () => {
    expect(orderPoints(good)).toBeNull();
  });

  test('sorts small steps back, all channels alike', () => {
    const { scan, note } = orderPoints(
      small([10, 20, 19, 30, 40, 50], { i0: Float64Array.of(0, 1, 2, 3, 4, 5) }),
    )!;
    expect([...scan.energyEv]).toEqual([10, 19, 20, 30, 40, 50]);
    expect([[...scan.mu!], [...scan.i0!]]).toEqual([
      [0, 2, 1, 3, 4, 5],
      [0, 2, 1, 3, 4, 5],
    ]);
    expect(note).toBe('the energies stepped back 1.0 eV in all: sorted');
  });

  test('makes points of one energy their mean, and their uncertainty that of a mean', () => {
    const muSigma = Float64Array.of(1, 3, 4, 1, 1);
    const { scan, note } = orderPoints(small([10, 20, 20, 30, 40], { muSigma }))!;
    expect([...scan.energyEv]).toEqual([10, 20, 30, 40]);
    expect([...scan.mu!]).toEqual([0, 1.5, 3, 4]);
    expect([...scan.muSigma!]).toEqual([1, 2.5, 1, 1]);
    expect(note).toMatch(/1 points of equal energies merged by their mean/);
  });

  test('turns a scan around that ran downwards, with jitter or without', () => {
    expect([...orderPoints(small([40, 30, 20, 10]))!.scan.mu!]).toEqual([3, 2, 1, 0]);
    expect([...orderPoints(small([50, 40, 30, 31, 20, 10]))!.scan.energyEv]).toEqual([
      10, 20, 30, 31, 40, 50,
    ]);
  });

  test('leaves to the checks what has no order, other lengths or no numbers', () => {
    expect(orderPoints(small([10, 20, 30, 10, 20, 30]))).toBeNull();
    expect(orderPoints(small([10, 9, Number.NaN, 30]))).toBeNull();
    expect(orderPoints(small([10, 9, 20, 30], { i0: Float64Array.of(1) }))).toBeNull();
  });
});

describe('dropFarPoints', () => {
  const at = (scan: Scan, name: 'mu' | 'i0', index: number, value: number): Scan => ({
    ...scan,
    [name]: scan[name]!.map((v, i) => (i === index ? value : v)),
  });
  const far = good.energyEv.findIndex((ev) => ev > EDGE_EV - 100);
  const near = good.energyEv.findIndex((ev) => ev > EDGE_EV);

  test('leaves out a missed count far from the edge, and says so', () => {
    const { scan, note } = dropFarPoints(at(good, 'mu', far, Number.NaN), EDGE_EV)!;
    expect(scan.energyEv).toHaveLength(good.energyEv.length - 1);
    expect(scan.mu).toHaveLength(good.mu!.length - 1);
    expect(scan.energyEv.includes(good.energyEv[far]!)).toBe(false);
    expect(note).toMatch(`${good.energyEv[far]!.toFixed(1)} eV`);
  });

  test('leaves to the checks what is near the edge, in many places, or in a channel that is not needed', () => {
    expect(dropFarPoints(good, EDGE_EV)).toBeNull();
    expect(dropFarPoints(at(good, 'mu', near, Number.NaN), EDGE_EV)).toBeNull();
    const many = good.energyEv.map((ev, i) => (ev < EDGE_EV - 40 ? Number.NaN : good.mu![i]!));
    expect(dropFarPoints({ ...good, mu: many }, EDGE_EV)).toBeNull();
    const dead = { ...good, if: good.mu!.map(() => Number.NaN) };
    expect(dropFarPoints(dead, EDGE_EV)).toBeNull();
  });
});

describe('cropToEdge', () => {
  const wide = small(Array.from({ length: 400 }, (_, i) => 7300 + 5 * i));

  test('keeps what lies before another edge above, and behind one below', () => {
    const before = cropToEdge(wide, EDGE_EV, 8333)!.scan.energyEv;
    expect([before[0], before.at(-1)]).toEqual([7300, 8300]);
    const behind = cropToEdge(wide, 8333, EDGE_EV)!.scan.energyEv;
    expect([behind[0], behind.at(-1)]).toEqual([7770, 9295]);
  });

  test('leaves alone what is the own edge, and what would leave no edge', () => {
    expect(cropToEdge(wide, EDGE_EV, EDGE_EV + 20)).toBeNull();
    expect(cropToEdge(wide, 7305, 7500)).not.toBeNull();
    expect(cropToEdge(wide, 9999, 8333)).toBeNull();
  });
});

describe('repairSpikes', () => {
  const spiked = (mu: Float64Array, from: number, width: number, height: number) =>
    mu.map((v, i) => v + (i >= from && i < from + width ? height : 0));
  const from = good.energyEv.findIndex((ev) => ev > EDGE_EV + 60);

  test.each([1, 2, 3])('takes out a spike of %s points, up or down', (width) => {
    for (const height of [1.2, -0.8]) {
      const { mu, atEv } = repairSpikes(good.energyEv, spiked(good.mu!, from, width, height), EDGE_EV)!;
      expect(atEv).toEqual([good.energyEv[from]]);
      for (let i = 0; i < mu.length; i += 1) expect(Math.abs(mu[i]! - good.mu![i]!)).toBeLessThan(0.03);
    }
  });

  test('leaves alone the edge itself, noise, a step, and what is no accident', () => {
    expect(repairSpikes(good.energyEv, good.mu!, EDGE_EV)).toBeNull();
    const random = normals(7);
    const noisy = good.mu!.map((v) => v + 0.1 * random());
    expect(repairSpikes(good.energyEv, noisy, EDGE_EV)).toBeNull();
    const stepped = good.mu!.map((v, i) => v + (i >= from ? 0.5 : 0));
    expect(repairSpikes(good.energyEv, stepped, EDGE_EV)).toBeNull();
    let many = good.mu!;
    for (const k of [0, 14, 28]) many = spiked(many, from + k, 1, 1);
    expect(repairSpikes(good.energyEv, many, EDGE_EV)).toBeNull();
    const nearEdge = good.energyEv.findIndex((ev) => ev > EDGE_EV + 5);
    expect(repairSpikes(good.energyEv, spiked(good.mu!, nearEdge, 1, 1), EDGE_EV)).toBeNull();
  });
});
