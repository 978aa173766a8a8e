import { describe, expect, test } from '@jest/globals';
import { edgePosition, linearCombination, type OnGrid } from '../../src/gating/rulers.ts';
import { GRID } from '../spectra/synthetic-edge.ts';

const { offsetsEv } = GRID;
const onGrid = (of: (offsetEv: number) => number): OnGrid => ({
  mu: Float32Array.from(offsetsEv, of),
  mask: new Float32Array(offsetsEv.length).fill(1),
});
const arctan =
  (atEv: number, width = 1) =>
  (offsetEv: number) =>
    0.5 + Math.atan((offsetEv - atEv) / width) / Math.PI;
const peak = (atEv: number, height: number, width: number) => (offsetEv: number) =>
  height * Math.exp(-(((offsetEv - atEv) / width) ** 2));
const without = ({ mu, mask }: OnGrid, is: (offsetEv: number) => boolean, instead = Number.NaN): OnGrid => ({
  mu: mu.map((value, i) => (is(offsetsEv[i]!) ? instead : value)),
  mask: mask.map((value, i) => (is(offsetsEv[i]!) ? 0 : value)),
});

describe('edgePosition', () => {
  test.each([-3, -0.7, 0, 0.33, 2, 4.4])('finds an arctan edge at %d eV', (atEv) => {
    const levels = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
    const exact = levels.reduce((sum, level) => sum + Math.tan(Math.PI * (level - 0.5)), 0) / levels.length;
    expect(Math.abs(edgePosition(onGrid(arctan(atEv)), offsetsEv) - (atEv + exact))).toBeLessThan(0.05);
    expect(Math.abs(edgePosition(onGrid(arctan(atEv)), offsetsEv, [0.5]) - atEv)).toBeLessThan(0.05);
  });

  test('does not take a peak before the edge for the edge', () => {
    const bare = onGrid(arctan(2));
    const high = onGrid((offsetEv) => arctan(2)(offsetEv) + peak(-5, 0.6, 0.9)(offsetEv));
    expect(Math.max(...high.mu.filter((_, i) => offsetsEv[i]! < -3))).toBeGreaterThan(0.6);
    expect(edgePosition(high, offsetsEv)).toBeCloseTo(edgePosition(bare, offsetsEv), 2);
  });

  test('does not look behind the white line, where mu comes down again and rises', () => {
    const lined = (offsetEv: number) => arctan(0)(offsetEv) + peak(3, 0.8, 2)(offsetEv);
    const dip = (offsetEv: number) => peak(14, -0.6, 2)(offsetEv);
    const dipped = onGrid((offsetEv) => lined(offsetEv) + dip(offsetEv));
    expect(edgePosition(dipped, offsetsEv)).toBeCloseTo(edgePosition(onGrid(lined), offsetsEv), 3);
  });

  test('is not known of a spectrum that begins above the lowest level', () => {
    const cut = without(onGrid(arctan(0)), (offsetEv) => offsetEv < 0);
    expect(edgePosition(cut, offsetsEv)).toBeNaN();
    expect(
      edgePosition(
        onGrid((offsetEv) => 0.35 + arctan(0)(offsetEv)),
        offsetsEv,
      ),
    ).toBeNaN();
  });

  test('what stands where nothing was measured changes nothing', () => {
    const whole = onGrid(arctan(1));
    const cut = without(whole, (offsetEv) => offsetEv < -6 || offsetEv > 40, 7);
    expect(edgePosition(cut, offsetsEv)).toBe(edgePosition(whole, offsetsEv));
  });
});

describe('linearCombination', () => {
  const first = onGrid((offsetEv) => arctan(0)(offsetEv) + peak(4, 0.5, 2)(offsetEv));
  const second = onGrid((offsetEv) => arctan(3, 1.6)(offsetEv) + peak(8, 0.2, 4)(offsetEv));
  const mixed = (share: number): OnGrid => ({
    mu: first.mu.map((value, i) => (1 - share) * value + share * second.mu[i]!),
    mask: first.mask,
  });

  test.each([-0.2, 0, 0.25, 0.7, 1])('gives the share %d of a true mixture, and nothing is left', (share) => {
    for (const slopes of [false, true]) {
      const found = linearCombination(mixed(share), first, second, offsetsEv, slopes);
      expect(found.share).toBeCloseTo(share, 5);
      expect(found.residual).toBeLessThan(1e-5);
    }
  });

  test('of slopes does not see a constant background, of spectra it does', () => {
    const scan = mixed(0.7);
    const raised = { ...scan, mu: scan.mu.map((value) => value + 0.1) };
    const bySlope = linearCombination(raised, first, second, offsetsEv, true);
    expect(bySlope.share).toBeCloseTo(0.7, 5);
    expect(bySlope.residual).toBeLessThan(1e-5);
    const bySpectrum = linearCombination(raised, first, second, offsetsEv, false);
    expect(Math.abs(bySpectrum.share - 0.7)).toBeGreaterThan(0.02);
    expect(bySpectrum.residual).toBeGreaterThan(0.1);
  });

  test('says how much is left of what is none', () => {
    const strange = onGrid((offsetEv) => arctan(1)(offsetEv) + peak(-6, 0.3, 1)(offsetEv));
    for (const slopes of [false, true])
      expect(linearCombination(strange, first, second, offsetsEv, slopes).residual).toBeGreaterThan(0.1);
  });

  test('compares what all three cover, up to 30 eV', () => {
    const scan = without(mixed(0.4), (offsetEv) => offsetEv > 30, 9);
    const short = without(first, (offsetEv) => offsetEv < -7);
    const shorter = without(second, (offsetEv) => offsetEv > 22);
    for (const slopes of [false, true]) {
      expect(linearCombination(scan, short, shorter, offsetsEv, slopes).share).toBeCloseTo(0.4, 5);
      const beyond = { ...mixed(0.4), mu: scan.mu };
      expect(linearCombination(beyond, first, second, offsetsEv, slopes).share).toBeCloseTo(0.4, 5);
    }
  });
});
