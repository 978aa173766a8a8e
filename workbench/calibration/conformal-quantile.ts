/** The ceil((n + 1) level)-th smallest score: split conformal's quantile, infinite where there are too few scores. */
export function conformalQuantile(scores: readonly number[], level: number): number {
  const sorted = [...scores].sort((a, b) => a - b);
  return sorted[Math.ceil((sorted.length + 1) * level) - 1] ?? Number.POSITIVE_INFINITY;
}
