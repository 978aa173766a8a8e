/** What stands at the top of a channel. */
export type Ceiling = {
  /** The most points in a row that have the channel's largest value, and where they begin. */
  readonly run: number;
  readonly at: number;
  /**
   * Of a run of DOUBTFUL_RUN or more: as many values below it are repeated too. The counter has few steps, and its
   * largest is no ceiling.
   */
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
  let run = 0; // up to here
  let most = 0;
  let at = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    if (value < high) continue;
    if (value > high) {
      high = value;
      most = 0;
    }
    run = most > 0 && values[i - 1] === high ? run + 1 : 1;
    if (run > most) {
      most = run;
      at = i - run + 1;
    }
  }
  return {
    run: most,
    at,
    isCoarse: most >= DOUBTFUL_RUN && valuesRepeatedBelow(high, values) >= OTHER_VALUES,
  };
}

/** How many values below `high` stand DOUBTFUL_RUN times in a row, or more often. */
function valuesRepeatedBelow(high: number, values: Float64Array): number {
  const repeated = new Set<number>();
  let run = 1; // up to here
  for (let i = 1; i < values.length; i += 1) {
    const value = values[i]!;
    run = value === values[i - 1] ? run + 1 : 1;
    if (run === DOUBTFUL_RUN && value < high) repeated.add(value);
  }
  return repeated.size;
}
