/** How far a partition is read, by the times of its records, ms since 1970. */
export type ReadingTime = {
  /** Of the last document that was taken of it; minus infinity: none was. */
  readonly readMs: number;
  /** Of the next one that was fetched; null: all that was fetched is taken. */
  readonly nextMs: number | null;
};

/** The partition of which a document is taken next: that with the earliest; null where none was fetched. */
export function earliestOf<Each extends ReadingTime>(partitions: Iterable<Each>): Each | null {
  let earliest: Each | null = null;
  for (const each of partitions)
    if (each.nextMs !== null && (earliest === null || each.nextMs < earliest.nextMs!)) earliest = each;
  return earliest;
}

/**
 * Partitions that may have a document of an earlier time than the next one of `one`, which was not fetched yet; the one
 * that is furthest behind first. While any of them has more to read, all that was fetched waits for it. It is fetched
 * meanwhile, since nothing of its own waits: never do all partitions wait.
 */
export const furtherBehind = <Each extends ReadingTime>(
  partitions: Iterable<Each>,
  one: ReadingTime,
): readonly Each[] =>
  [...partitions]
    .filter(({ readMs, nextMs }) => nextMs === null && readMs < one.nextMs!)
    .sort((a, b) => a.readMs - b.readMs || 0);
