export type Trend = {
  readonly direction: 'rising' | 'falling' | 'steady';
  /** Since when, on the same axis as the points; for `steady` the first point that was looked at. */
  readonly sinceMs: number;
};

const WINDOW = 5;

/**
 * Which way accepted values go now, and since when: the way from the last turning point to the newest value, where it
 * is longer than `tolerance`. Values are smoothed by a running median of 5 first, so that one outlier is no turn.
 * Null for fewer than 5 points.
 */
export function trend(
  points: readonly { readonly atMs: number; readonly value: number }[],
  tolerance: number,
): Trend | null {
  if (points.length < WINDOW) return null;
  const values = points.map((_, i) => medianAround(points, i));
  const last = values.length - 1;
  // Walk back while the curve stays within `tolerance` of the furthest value seen in each direction.
  let lowest = last;
  let highest = last;
  for (let i = last; i >= 0; i--) {
    const value = values[i]!;
    if (value < values[lowest]!) lowest = i;
    if (value > values[highest]!) highest = i;
    const rise = values[last]! - values[lowest]!;
    const fall = values[highest]! - values[last]!;
    if (rise > tolerance && value > values[lowest]! + tolerance)
      return { direction: 'rising', sinceMs: points[lowest]!.atMs };
    if (fall > tolerance && value < values[highest]! - tolerance)
      return { direction: 'falling', sinceMs: points[highest]!.atMs };
  }
  const rise = values[last]! - values[lowest]!;
  const fall = values[highest]! - values[last]!;
  if (rise > tolerance && rise >= fall) return { direction: 'rising', sinceMs: points[lowest]!.atMs };
  if (fall > tolerance) return { direction: 'falling', sinceMs: points[highest]!.atMs };
  return { direction: 'steady', sinceMs: points[0]!.atMs };
}

function medianAround(points: readonly { readonly value: number }[], at: number): number {
  const half = (WINDOW - 1) / 2;
  const from = Math.min(Math.max(0, at - half), points.length - WINDOW);
  const some = points.slice(from, from + WINDOW).map(({ value }) => value);
  return some.sort((a, b) => a - b)[half]!;
}
