import { expect, test } from '@jest/globals';
import { checkSteps } from '../../src/spectra/check-steps.ts';

const binsEv = Float64Array.from([7710, 7711, 7712, 7713]);
const checked = (...mu: number[]) => checkSteps(Float32Array.from(mu), 1.2, 2, binsEv);

test('ten million edge steps can be read, on either side of zero', () => {
  expect(checked(0, 1e7, 1, 1)).toBeNull();
  expect(checked(0, -1e7, 1, 1)).toBeNull();
});

test.each([
  [[0, 2e7, 3e8, 1], '3.00e+8 at 7710.0 eV'],
  [[0, 2e7, 1, -3e8], '-3.00e+8 at 7711.0 eV'],
])('more is refused, and the sentence names the largest, at the energy of the scan: %j', (mu, got) => {
  expect(checked(...mu)).toEqual({
    kind: 'reject',
    reason: 'non-finite',
    detail: `Expected mu over the edge step of 1.20 to be within 10000000 where the model reads it, got ${got}`,
  });
});
