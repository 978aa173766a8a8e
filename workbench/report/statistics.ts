// Not of a library: simple-statistics compensates its sums and takes the mean of two middle values, and either would
// change the last digits of what is trained and fitted.

/** Sum in the order of the list over its length; NaN of none. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Mean square distance from the mean.
 * @param freedom what the sum of squares is divided by: one less than the length where a sample stands for more
 */
export function variance(values: readonly number[], freedom = values.length): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / freedom;
}

/** How often each value comes, in the order in which they first do. */
export function countsOf<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/**
 * The value that comes most often; of several the first.
 * @param values at least one
 */
export function mostFrequent<T>(values: readonly T[]): T {
  return [...countsOf(values)].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}

/** The smallest of the values that a share of all lies below: one of them, nothing between two. NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`Expected a share from 0 to 1, got ${share}`);
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** The middle value; of an even number the upper of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
