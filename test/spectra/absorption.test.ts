import { describe, expect, test } from '@jest/globals';
import { absorption } from '../../src/spectra/absorption.ts';
import { scanOf } from './synthetic-edge.ts';

const energyEv = Float64Array.from({ length: 30 }, (_, i) => 7700 + i);
const mu = energyEv.map((_, i) => 1 + Math.atan(i - 15));
const i0 = energyEv.map((_, i) => 1e6 + 100 * i);

describe('absorption', () => {
  test('is mu as it was given', () => {
    expect(absorption(scanOf({ energyEv, mu }))).toBe(mu);
  });

  test('is ln(i0/it) in transmission', () => {
    const it = i0.map((intensity, i) => intensity * Math.exp(-mu[i]!));
    const result = absorption(scanOf({ energyEv, mode: 'TRANSMISSION', i0, it })) as Float64Array;
    for (let i = 0; i < mu.length; i += 1) expect(result[i]).toBeCloseTo(mu[i]!, 10);
  });

  test('is if/i0 in fluorescence', () => {
    const fluorescence = i0.map((intensity, i) => intensity * mu[i]!);
    const result = absorption(
      scanOf({ energyEv, mode: 'FLUORESCENCE', i0, if: fluorescence }),
    ) as Float64Array;
    for (let i = 0; i < mu.length; i += 1) expect(result[i]).toBeCloseTo(mu[i]!, 10);
  });

  test.each([
    [{ mode: 'MU' }, 'mu'],
    [{ mode: 'TRANSMISSION', it: i0 }, 'i0'],
    [{ mode: 'TRANSMISSION', i0 }, 'it'],
    [{ mode: 'FLUORESCENCE', i0, it: i0 }, 'if'],
  ] as const)('names the channel that is missing: %#', (fields, channel) => {
    expect(absorption(scanOf({ energyEv, ...fields }))).toMatchObject({
      reason: 'missing-channel',
      detail: `Expected channel ${channel} in mode ${fields.mode}, got null`,
    });
  });

  test('names the channel that is bad', () => {
    const zero = i0.slice();
    zero[3] = 0;
    expect(absorption(scanOf({ energyEv, mode: 'TRANSMISSION', i0: zero, it: i0 }))).toMatchObject({
      reason: 'non-positive-intensity',
      detail: 'Expected i0 to be > 0, got 0 at index 3',
    });
    const dead = new Float64Array(30);
    expect(absorption(scanOf({ energyEv, mode: 'FLUORESCENCE', i0, if: dead }))).toMatchObject({
      reason: 'dead-channel',
    });
  });

  test.each([
    ['TRANSMISSION', 'it', 1e9, 5e-324, 'i0/it'],
    ['TRANSMISSION', 'it', 5e-324, 1e9, 'i0/it'],
    ['FLUORESCENCE', 'if', 5e-324, 1e9, 'if/i0'],
    ['FLUORESCENCE', 'if', 2 ** -100, 4, 'if/i0'],
  ] as const)(
    'names both channels whose ratio is no measured number: %#',
    (mode, name, monitor, signal, ratio) => {
      const channels = { i0: i0.slice(), [name]: i0.map((_, i) => 1 + i) };
      channels.i0[3] = monitor;
      channels[name]![3] = signal;
      expect(absorption(scanOf({ energyEv, mode, ...channels }))).toMatchObject({
        reason: 'non-finite',
        detail: `Expected ${ratio} to be a measured number, got i0 of ${monitor} and ${name} of ${signal} at index 3`,
      });
    },
  );
});
