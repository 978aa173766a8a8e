import { describe, expect, test } from '@jest/globals';
import { evaluatePolynomial, fitPolynomial } from '../../src/spectra/fit-polynomial.ts';

const x = Float64Array.from({ length: 40 }, (_, i) => 8979 + 1.7 * i + 0.01 * i * i);

describe('fitPolynomial', () => {
  test.each([
    [0, [0.8, 0, 0]],
    [1, [0.8, -3e-4, 0]],
    [2, [0.8, -3e-4, 5e-6]],
  ])('of degree %i gives back what made the points, at 9 keV', (degree, [a, b, c]) => {
    const truth = (at: number): number => a! + b! * (at - 8979) + c! * (at - 8979) ** 2;
    const y = x.map(truth);
    const fitted = fitPolynomial(x, y, 3, 37, degree);
    for (const at of [8900, 8979, 9100]) expect(evaluatePolynomial(fitted, at)).toBeCloseTo(truth(at), 11);
  });

  test('is least squares: residuals are orthogonal to 1, x and x squared', () => {
    const y = x.map((_, i) => Math.sin(i) + (i % 3));
    const fitted = fitPolynomial(x, y, 0, 40, 2);
    for (const power of [0, 1, 2]) {
      let sum = 0;
      for (let i = 0; i < 40; i += 1) {
        sum += (y[i]! - evaluatePolynomial(fitted, x[i]!)) * ((x[i]! - 9010) / 30) ** power;
      }
      expect(sum).toBeCloseTo(0, 9);
    }
  });

  test('refuses fewer points than coefficients', () => {
    expect(() => fitPolynomial(x, x, 5, 7, 2)).toThrow(
      new RangeError('Expected more than 2 points for degree 2, got 2'),
    );
  });
});
