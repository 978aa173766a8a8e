/** A polynomial of degree 0 to 2 in t = (x - centre) / scale. */
export type Polynomial = {
  readonly degree: number;
  readonly centre: number;
  readonly scale: number;
  readonly c0: number;
  readonly c1: number;
  readonly c2: number;
};

/**
 * Least-squares polynomial through points [from, to) of (x, y). Abscissae are centred and scaled to -1..1 first: in
 * electronvolts the normal equations of a parabola would lose all their digits.
 * @throws RangeError where there are fewer points than coefficients.
 */
export function fitPolynomial(
  x: Float64Array,
  y: Float64Array,
  from: number,
  to: number,
  degree: number,
): Polynomial {
  if (to - from <= degree) {
    throw new RangeError(`Expected more than ${degree} points for degree ${degree}, got ${to - from}`);
  }
  const centre = 0.5 * (x[from]! + x[to - 1]!);
  const scale = Math.max(0.5 * (x[to - 1]! - x[from]!), Number.MIN_VALUE);
  const n = to - from;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let s4 = 0;
  let y0 = 0;
  let y1 = 0;
  let y2 = 0;
  for (let i = from; i < to; i += 1) {
    const t = (x[i]! - centre) / scale;
    const tt = t * t;
    const value = y[i]!;
    s1 += t;
    s2 += tt;
    s3 += tt * t;
    s4 += tt * tt;
    y0 += value;
    y1 += value * t;
    y2 += value * tt;
  }
  if (degree === 0) return { degree, centre, scale, c0: y0 / n, c1: 0, c2: 0 };
  // Gauss elimination of [n s1 s2; s1 s2 s3; s2 s3 s4] c = [y0 y1 y2].
  const a11 = s2 - (s1 * s1) / n;
  const b1 = y1 - (s1 * y0) / n;
  if (degree === 1) {
    const c1 = b1 / a11;
    return { degree, centre, scale, c0: (y0 - s1 * c1) / n, c1, c2: 0 };
  }
  const a12 = s3 - (s1 * s2) / n;
  const a22 = s4 - (s2 * s2) / n - (a12 * a12) / a11;
  const b2 = y2 - (s2 * y0) / n - (a12 * b1) / a11;
  const c2 = b2 / a22;
  const c1 = (b1 - a12 * c2) / a11;
  return { degree, centre, scale, c0: (y0 - s1 * c1 - s2 * c2) / n, c1, c2 };
}

/** Value of the polynomial at x. */
export function evaluatePolynomial(polynomial: Polynomial, x: number): number {
  const t = (x - polynomial.centre) / polynomial.scale;
  return polynomial.c0 + t * (polynomial.c1 + t * polynomial.c2);
}
