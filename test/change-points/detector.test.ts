import { describe, expect, test } from '@jest/globals';
import { findIn, observations } from './observations.ts';

const kindsOf = (found: ReturnType<typeof findIn>['found']) => found.map(([, { kind }]) => kind);
/** From 0 to `size` between two observations, and on at `size`. */
const ramp = (from: number, to: number, size: number) => (i: number) => [
  size * Math.min(1, Math.max(0, (i - from) / (to - from))),
];

describe('change points', () => {
  test('a step is found with the third scan behind it, at its place and size', () => {
    const { found } = findIn(
      observations(60, (i) => [i < 30 ? 3 : 3.2]),
      0.05,
    );
    expect(found).toHaveLength(1);
    const [at, step] = found[0]!;
    expect(at).toBe(32);
    expect(step).toMatchObject({ kind: 'STEP', perHour: null, returnedTo: null });
    expect(step.before.scanId).toBe('scan-29');
    expect(step.after.map(({ scanId }) => scanId)).toEqual(['scan-30', 'scan-31', 'scan-32']);
    expect(Math.abs(step.difference[0]! - 0.2)).toBeLessThan(3 * step.sigma);
    expect(step.confidence).toBeGreaterThan(0.999);
  });

  test('a return names the last scan of the level that it is back at', () => {
    const { found } = findIn(
      observations(90, (i) => [i >= 30 && i < 60 ? 3.2 : 3]),
      0.05,
    );
    expect(kindsOf(found)).toEqual(['STEP', 'RETURN']);
    expect(found[1]![1].returnedTo?.scanId).toBe('scan-29');
  });

  test('a drift is told when it begins and when it ends, with its rate', () => {
    const { found } = findIn(observations(120, ramp(20, 70, 1)), 0.05);
    expect(kindsOf(found)).toEqual(['DRIFT', 'STEADY']);
    const [[begun, drift], [ended, steady]] = [found[0]!, found[1]!];
    expect(begun).toBeLessThan(32);
    expect(drift.perHour![0]).toBeGreaterThan(1.5); // 1 in half an hour
    expect(drift.perHour![0]).toBeLessThan(4);
    expect(ended).toBeGreaterThan(69);
    expect(ended).toBeLessThan(82);
    expect(steady.difference[0]!).toBeGreaterThan(0.9);
  });

  test('a drift that turns back is told, and one that is back where it began', () => {
    const up = ramp(20, 50, 0.6);
    const down = ramp(50, 80, 0.6);
    const { found } = findIn(
      observations(130, (i) => [up(i)[0]! - down(i)[0]!]),
      0.05,
    );
    expect(kindsOf(found).slice(0, 2)).toEqual(['DRIFT', 'DRIFT']);
    expect(found[1]![1].perHour![0]).toBeLessThan(0);
    expect(['STEADY', 'RETURN']).toContain(found.at(-1)![1].kind);
    expect(Math.abs(found.at(-1)![1].difference[0]!)).toBeLessThan(0.1);
  });

  test('one scan that is far off is no change', () => {
    const { found } = findIn(
      observations(60, (i) => [i === 30 ? 4 : 3]),
      0.05,
    );
    expect(found).toEqual([]);
  });

  test('a change that is smaller than what counts as one is none', () => {
    const scans = observations(60, (i) => [i < 30 ? 3 : 3.04], { sigma: 0.001, stated: 0.001 });
    expect(findIn(scans, 0.05).found).toEqual([]);
    expect(kindsOf(findIn(scans, 0.02).found)).toEqual(['STEP']);
  });

  test.each([
    ['as noisy as they say', 0.01],
    ['three times as noisy', 0.01 / 3],
    ['a third as noisy', 0.03],
  ])('nothing is found where nothing changes, in 1,500 scans that are %s', (_, stated) => {
    const one = findIn(
      observations(1500, () => [3], { stated }),
      0,
    );
    const many = findIn(
      observations(1500, () => new Array(16).fill(0), { stated, seed: 2 }),
      0,
    );
    expect([...one.found, ...many.found]).toEqual([]);
    const { count, squares } = one.watch.scale;
    expect(Math.sqrt(squares / count) * stated).toBeGreaterThan(0.007);
    expect(Math.sqrt(squares / count) * stated).toBeLessThan(0.013);
  });

  test('a change in one number of sixteen is found', () => {
    const at = (i: number) => Array.from({ length: 16 }, (_, j) => (j === 5 && i >= 40 ? 0.08 : 0));
    const { found } = findIn(observations(80, at), 0.03);
    expect(kindsOf(found)).toEqual(['STEP']);
    expect(found[0]![1].difference[5]).toBeCloseTo(0.08, 1);
  });

  test('scans of one time, and of a clock that stands still, are dealt with', () => {
    const still = observations(60, (i) => [i < 30 ? 3 : 3.2]).map((each) => ({ ...each, hours: 0 }));
    expect(kindsOf(findIn(still, 0.05).found)).toEqual(['STEP']);
  });
});
