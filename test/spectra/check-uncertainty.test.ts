import { expect, test } from '@jest/globals';
import { checkUncertainty } from '../../src/spectra/check-uncertainty.ts';

test('muSigma must have the length of the energies and be finite and not negative', () => {
  expect(checkUncertainty(Float64Array.of(0, 0.1, 0.2), 3)).toBeNull();
  expect(checkUncertainty(Float64Array.of(0.1), 3)).toMatchObject({ reason: 'length-mismatch' });
  for (const value of [Number.NaN, -0.1, Number.POSITIVE_INFINITY]) {
    expect(checkUncertainty(Float64Array.of(0.1, value, 0.1), 3)).toMatchObject({
      reason: 'non-finite',
      detail: `Expected muSigma to be finite and >= 0, got ${value} at index 1`,
    });
  }
});
