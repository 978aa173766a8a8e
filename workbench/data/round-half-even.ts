/**
 * To so many significant digits, as Python's `float(f'{value:.6g}')`: of two equally near numbers the one that ends
 * in an even digit, where toPrecision takes the one that is further from zero.
 */
export function roundSignificant(value: number, digits: number): number {
  const [mantissa, exponent] = value.toExponential(digits).split('e') as [string, string];
  const rounded = value.toPrecision(digits);
  if (!mantissa.endsWith('5')) return Number(rounded);
  return halfToEven(mantissa, value.toExponential(100).split('e')[0]!, rounded, `e${exponent}`);
}

/** To so many decimals, as Python's `round(value, decimals)`: of two equally near numbers the even one. */
export function roundDecimals(value: number, decimals: number): number {
  const oneMore = value.toFixed(decimals + 1);
  const rounded = value.toFixed(decimals);
  return oneMore.endsWith('5') ? halfToEven(oneMore, value.toFixed(100), rounded, '') : Number(rounded);
}

/**
 * @param oneMore the value with one digit more than is kept, a 5
 * @param exact all of its digits: doubles of the size of energies and absorptions have no more than these
 * @param away rounded away from zero if it lies halfway
 */
function halfToEven(oneMore: string, exact: string, away: string, exponent: string): number {
  const isHalf = exact.startsWith(oneMore) && /^0*$/.test(exact.slice(oneMore.length));
  const kept = oneMore.slice(0, -1);
  return Number(isHalf && Number(kept.replace(/\.$/, '').at(-1)) % 2 === 0 ? `${kept}${exponent}` : away);
}
