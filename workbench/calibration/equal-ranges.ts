import { rounded } from './fit-out-of-distribution.ts';

/**
 * Upper ends of ranges that hold the same number of values; fewer where many values are equal, since an empty range
 * says nothing. [ranges - 1] at most
 * @param sorted ascending
 */
export function equalRanges(sorted: readonly number[], ranges: number): number[] {
  const quantiles = Array.from({ length: ranges - 1 }, (_, i) =>
    rounded(sorted[Math.floor(((i + 1) * sorted.length) / ranges)]!),
  );
  return [...new Set(quantiles)].filter((edge) => edge > sorted[0]! && edge <= sorted.at(-1)!);
}
