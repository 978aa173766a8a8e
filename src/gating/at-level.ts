/** A figure in each noise bin or range of trust, by level. */
export type ByLevel = Readonly<Record<string, readonly number[]>>;

/**
 * What calibration found at a level, in each of them: between two levels, on the line from one to the other.
 * @returns undefined beyond the last level that there is: spectra were too few for it
 */
export function atLevel(figures: ByLevel, level: number): readonly number[] | undefined {
  const known = Object.keys(figures)
    .map(Number)
    .sort((a, b) => a - b);
  const after = known.find((each) => each >= level);
  if (after === undefined) return undefined;
  const before = known.findLast((each) => each <= level) ?? after;
  if (before === after) return figures[after];
  return figures[before]!.map((low, bin) => {
    return low + ((figures[after]![bin]! - low) * (level - before)) / (after - before);
  });
}
