/**
 * Which of the ranges a value lies in.
 * @param edges upper ends of ranges, ascending; the last range has none. [ranges - 1]
 */
export function rangeOf(edges: readonly number[], value: number): number {
  const range = edges.findIndex((end) => value < end);
  return range < 0 ? edges.length : range;
}
