import { expect, test } from '@jest/globals';
import { thin } from '../../src/spectra/thin.ts';

const energyEv = Float64Array.from({ length: 10 }, (_, i) => 100 + i);
const mu = energyEv.map((energy) => 2 * energy);

test('keeps a short range as it is, moved', () => {
  expect(thin(energyEv, mu, 2, 5, 0.5, 10)).toEqual({
    energyEv: Float32Array.of(102.5, 103.5, 104.5),
    mu: Float32Array.of(204, 206, 208),
  });
});

test('averages neighbours down to the limit, the rest of them at the end', () => {
  expect(thin(energyEv, mu, 0, 10, 0, 4)).toEqual({
    energyEv: Float32Array.of(101, 104, 107, 109),
    mu: Float32Array.of(202, 208, 214, 218),
  });
  expect(thin(energyEv, mu, 4, 4, 0, 4).mu).toHaveLength(0);
});
