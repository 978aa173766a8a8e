/** Probability that a normal error of standard deviation `sigma` is at most `tolerance` in size. */
export function probabilityWithin(tolerance: number, sigma: number): number {
  return erf(tolerance / (sigma * Math.SQRT2));
}

/** Abramowitz and Stegun 7.1.26, good to 1.5e-7, for x >= 0. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * x);
  const poly =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return 1 - poly * Math.exp(-x * x);
}
