/** What stands at the top of a channel. */
export type Ceiling = {
  /** The most points in a row that have the channel's largest value, and where they begin. */
  readonly run: number;
  readonly at: number;
  /** As many values below it are repeated too: the counter has few steps, and its largest is no ceiling. */
  readonly isCoarse: boolean;
};

/** So many equal values in a row at the top of a channel are a ceiling, not chance; */
export const CEILING_RUN = 6;
/** so many may be one. */
export const DOUBTFUL_RUN = 3;
/** So many other values must be repeated for the counter to be coarse. */
const OTHER_VALUES = 3;

/** @param values finite, [points] */
export function ceilingOf(values: Float64Array): Ceiling {
  let high = Number.NEGATIVE_INFINITY;
  let most = 0;
  let at = 0;
  const repeated = new Set<number>();
  const points = values.length;
  for (let from = 0; from < points; ) {
    const value = values[from]!;
    let end = from + 1;
    while (end < points && values[end] === value) end += 1;
    const run = end - from;
    if (value > high || (value === high && run > most)) {
      high = value;
      most = run;
      at = from;
    }
    if (run >= DOUBTFUL_RUN) repeated.add(value);
    from = end;
  }
  repeated.delete(high);
  return { run: most, at, isCoarse: repeated.size >= OTHER_VALUES };
}
