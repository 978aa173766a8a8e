/**
 * The value that would stand at index `rank` if all were in ascending order; moves the values about, so that none
 * before `rank` is larger (quickselect). Time is in proportion to their number. None may be NaN.
 *
 * Values are moved by adding a comparison to an index: a branch on it would be guessed wrongly half of the time, and
 * that takes twice as long.
 */
export function selectRank(values: Float64Array, rank: number): number {
  let low = 0;
  let high = values.length;
  while (high - low > 1) {
    const pivot = middleOf(anyOf(values, low, high), anyOf(values, low, high), anyOf(values, low, high));
    let end = low; // of those below the pivot
    for (let i = low; i < high; i += 1) {
      const value = values[i]!;
      values[i] = values[end]!;
      values[end] = value;
      end += Number(value < pivot);
    }
    if (rank < end) {
      high = end;
      continue;
    }
    low = end;
    // Of those that are left, the pivot and what equals it; the pivot is always one, so that this comes to an end.
    for (let i = low; i < high; i += 1) {
      const value = values[i]!;
      values[i] = values[end]!;
      values[end] = value;
      end += Number(!(value > pivot));
    }
    if (rank < end) return pivot;
    low = end;
  }
  return values[rank]!;
}

/** One of [low, high) by chance, so that no order of the values makes it slow. */
const anyOf = (values: Float64Array, low: number, high: number): number =>
  values[low + Math.floor(Math.random() * (high - low))]!;

/** The median of three. */
function middleOf(a: number, b: number, c: number): number {
  if (a < b) return b < c ? b : Math.max(a, c);
  return a < c ? a : Math.max(b, c);
}
