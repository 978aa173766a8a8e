import { describe, expect, test } from '@jest/globals';
import { SCAN_BOUNDS } from '../../src/messages/scan.ts';
import { checkEnergies } from '../../src/spectra/check-energies.ts';

const ramp = (points: number): Float64Array => Float64Array.from({ length: points }, (_, i) => 7000 + i);

describe('checkEnergies', () => {
  test('passes a rising axis', () => {
    expect(checkEnergies(ramp(SCAN_BOUNDS.leastPoints))).toBeNull();
    expect(checkEnergies(ramp(SCAN_BOUNDS.points))).toBeNull();
  });

  test('names too few and too many points', () => {
    expect(checkEnergies(ramp(SCAN_BOUNDS.leastPoints - 1))).toMatchObject({ reason: 'too-few-points' });
    expect(checkEnergies(ramp(SCAN_BOUNDS.points + 1))).toMatchObject({ reason: 'too-many-points' });
    expect(checkEnergies(new Float64Array())?.detail).toBe(
      'Expected energyEv to have at least 20 points, got 0',
    );
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('names %p and where it stands', (value) => {
    const energyEv = ramp(50);
    energyEv[17] = value;
    expect(checkEnergies(energyEv)).toMatchObject({
      reason: 'non-finite',
      detail: expect.stringContaining('index 17'),
    });
  });

  test('names a repeated, a falling and a negative energy', () => {
    const repeated = ramp(50);
    repeated[9] = repeated[8]!;
    expect(checkEnergies(repeated)).toMatchObject({
      reason: 'unsorted-energies',
      detail: 'Expected energyEv to increase strictly from above 0 eV, got 7008 after 7008 at index 9',
    });
    expect(checkEnergies(ramp(50).reverse())).toMatchObject({ reason: 'unsorted-energies' });
    expect(checkEnergies(ramp(50).map((energy) => energy - 7010))).toMatchObject({
      reason: 'unsorted-energies',
    });
  });
});
