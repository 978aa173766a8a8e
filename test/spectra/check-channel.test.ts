import { describe, expect, test } from '@jest/globals';
import { checkChannel } from '../../src/spectra/check-channel.ts';

const RULES = { positive: true, mayBeConstant: false };
const wave = (points: number): Float64Array =>
  Float64Array.from({ length: points }, (_, i) => 5 + Math.sin(i / 3));

describe('checkChannel', () => {
  test('passes a channel that varies', () => {
    expect(checkChannel('it', wave(60), 60, RULES)).toBeNull();
  });

  test('names a length that differs', () => {
    expect(checkChannel('it', wave(59), 60, RULES)).toMatchObject({
      reason: 'length-mismatch',
      detail: 'Expected it to have the 60 points of energyEv, got 59',
    });
  });

  test('names what is not finite, wherever it stands', () => {
    for (const [index, value] of [
      [0, Number.NaN],
      [30, Number.NEGATIVE_INFINITY],
      [59, Number.NaN],
    ] as const) {
      const values = wave(60);
      values[index] = value;
      expect(checkChannel('i0', values, 60, RULES)).toMatchObject({
        reason: 'non-finite',
        detail: `Expected i0 to be finite, got ${value} at index ${index}`,
      });
    }
  });

  test('names an intensity that is not positive, where it must be', () => {
    const values = wave(60);
    values[4] = 0;
    expect(checkChannel('it', values, 60, RULES)).toMatchObject({ reason: 'non-positive-intensity' });
    expect(checkChannel('mu', values, 60, { ...RULES, positive: false })).toBeNull();
  });

  test('names a dead channel, but lets a monitor stand still', () => {
    const still = new Float64Array(60).fill(3);
    expect(checkChannel('it', still, 60, RULES)).toMatchObject({ reason: 'dead-channel' });
    expect(checkChannel('i0', still, 60, { ...RULES, mayBeConstant: true })).toBeNull();
  });

  test('names a run of points at the ceiling, but not a lone maximum or a plateau below it', () => {
    const clipped = wave(60).map((value) => Math.min(value, 5.5));
    expect(checkChannel('it', clipped, 60, RULES)).toMatchObject({ reason: 'saturated-channel' });
    const plateau = wave(60);
    plateau.fill(4.5, 10, 30);
    expect(checkChannel('it', plateau, 60, RULES)).toBeNull();
    const twice = wave(60);
    twice.fill(7, 10, 13);
    twice.fill(7, 40, 43);
    expect(checkChannel('it', twice, 60, RULES)).toBeNull();
  });
});
