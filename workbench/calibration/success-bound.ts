/**
 * Clopper-Pearson: the rate that `successes` of `trials` show, at the least, with the given confidence. Both may be
 * fractions, as they are when several spectra of one material share one vote.
 */
export function successBound(successes: number, trials: number, confidence: number): number {
  if (successes <= 0) return 0;
  let low = 0;
  let high = 1;
  for (let i = 0; i < 50; i += 1) {
    const middle = 0.5 * (low + high);
    if (incompleteBeta(middle, successes, trials - successes + 1) < 1 - confidence) low = middle;
    else high = middle;
  }
  return low;
}

/** Probability of at least `failures` of `trials` when each fails with probability `rate`. */
export function failureTail(failures: number, trials: number, rate: number): number {
  return failures <= 0 ? 1 : incompleteBeta(rate, failures, trials - failures + 1);
}

/** Regularised incomplete beta function by Lentz's continued fraction (Numerical Recipes 6.4). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x));
  if (x > (a + 1) / (a + b + 2)) return 1 - (front * fraction(1 - x, b, a)) / b;
  return (front * fraction(x, a, b)) / a;
}

function fraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1), tiny);
  let h = d;
  for (let m = 1; m <= 500; m += 1) {
    for (const term of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / guard(1 + term * d, tiny);
      c = guard(1 + term / c, tiny);
      h *= d * c;
    }
    if (Math.abs(d * c - 1) < 1e-12) break;
  }
  return h;
}

const guard = (value: number, tiny: number): number => (Math.abs(value) < tiny ? tiny : value);

/** Lanczos, g = 7, n = 9. */
function logGamma(z: number): number {
  if (z < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * z)) - logGamma(1 - z);
  const x = z - 1;
  const t = x + 7.5;
  const sum = LANCZOS.reduce((total, c, i) => (i === 0 ? c : total + c / (x + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(t) - t + Math.log(sum);
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
