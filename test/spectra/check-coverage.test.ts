import { describe, expect, test } from '@jest/globals';
import { checkCoverage } from '../../src/spectra/check-coverage.ts';
import { GRID } from './synthetic-edge.ts';

const axis = (fromEv: number, toEv: number): number[] => {
  return Array.from({ length: Math.round(2 * (toEv - fromEv)) + 1 }, (_, i) => fromEv + i / 2);
};
const check = (energies: number[]) =>
  checkCoverage(Float64Array.from(energies), GRID, 7722, () => 'its edge is elsewhere');

describe('checkCoverage', () => {
  test('passes a scan over the required range', () => {
    expect(check(axis(7715, 7740))).toBeNull();
    expect(check(axis(7600, 8700))).toBeNull();
  });

  test('names the range that is missing, and where the scan has its edge', () => {
    for (const energies of [axis(7716, 7800), axis(7600, 7739), axis(7000, 7300)]) {
      expect(check(energies)).toMatchObject({
        reason: 'grid-not-covered',
        detail: expect.stringContaining('elsewhere'),
      });
    }
    expect(check(axis(7716, 7800))?.detail).toBe(
      'Expected energyEv to cover 7715.0 to 7740.0 eV, got 7716.0 to 7800.0 eV; its edge is elsewhere',
    );
  });

  test('names a hole in the required range, but lets the pre-edge be coarse', () => {
    expect(check([...axis(7600, 7720), ...axis(7727, 7800)])).toMatchObject({
      reason: 'grid-not-covered',
      detail: expect.stringContaining('got 7.0 eV before 7727.0 eV'),
    });
    expect(check([7600, 7610, 7620, 7650, 7690, ...axis(7700, 7800)])).toBeNull();
    expect(check([7600, 7650, 7700, ...axis(7719, 7800)])).toBeNull();
  });

  test('names a hole in which the required range begins, or lies whole', () => {
    for (const [energies, hole] of [
      [[...axis(7600, 7700), ...axis(7719.5, 7800)], 'got 19.5 eV before 7719.5 eV'],
      [[...axis(7600, 7700), ...axis(7760, 7800)], 'got 60.0 eV before 7760.0 eV'],
      [[7600, 7700, 7800], 'got 100.0 eV before 7800.0 eV'],
    ] as const) {
      expect(check([...energies])?.detail).toContain(hole);
    }
  });
});
