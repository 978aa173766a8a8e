export type Freshness = 'none' | 'live' | 'stale' | 'ended';

const LEAST_MS = 5_000;
const ENDED_AFTER_MS = 10 * 60_000;

/**
 * Whether scans come as they should. Stale: for five times the usual interval, and 5 s at least, nothing came; a page
 * that only looked live would hide it. Ended: nothing for 10 minutes and a hundred intervals; then it is no longer
 * news. Where too few scans came to know an interval, nothing is stale.
 */
export function freshness(ageMs: number | null, usualIntervalMs: number | null): Freshness {
  if (ageMs === null) return 'none';
  if (usualIntervalMs === null) return ageMs > ENDED_AFTER_MS ? 'ended' : 'live';
  if (ageMs <= Math.max(LEAST_MS, 5 * usualIntervalMs)) return 'live';
  return ageMs > Math.max(ENDED_AFTER_MS, 100 * usualIntervalMs) ? 'ended' : 'stale';
}

/** Median distance of neighbouring times; null for fewer than four. */
export function usualInterval(timesMs: readonly number[]): number | null {
  if (timesMs.length < 4) return null;
  const sorted = [...timesMs].sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((time, i) => time - sorted[i]!);
  return gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)]!;
}
