import { BLOCK } from './row-loop.ts';
import { LARGEST, rowScan } from './row-scan.ts';

/** Finds the rows of a table that lie nearest to a point. */
export type NearestRows = {
  /**
   * Writes the nearest rows, nearest first, and the squares of their distances; both are as long as so many are wanted,
   * and no longer than there are rows. Equal distances come in no certain order. A point that is not finite has no
   * nearest rows: their squares stay infinite.
   * @returns how many rows were compared by their own numbers
   */
  search(point: ArrayLike<number>, rows: Int32Array, squares: Float64Array): number;
};

/** A point further out than this times the rows is cut, and what is cut off counts as rounded off. */
const ROOM = 4;
/** With fewer blocks for each row that is wanted, their least squares say too little. */
const FEW_BLOCKS = 4;

/**
 * An exact search in two steps. All rows are compared in 16-bit integers (row-scan.ts); then those that the rounding
 * leaves in doubt are compared by their own numbers, in double precision: the squares are those of a plain search.
 *
 * A rounded distance is off by at most e, the lengths of what was rounded off the point and off any row. So the k-th
 * nearest lies within (k-th smallest rounded distance) + e, and every row that may be as near has a rounded distance
 * of at most 2 e more.
 * @param table rows of `stride` numbers, of which those from `first` on are compared
 */
export function nearestRows(table: Float32Array, stride: number, first = 0): NearestRows {
  const width = stride - first;
  const evenWidth = width + (width & 1);
  const count = table.length / stride;
  const largest = table.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  // |r|^2 - 2 p r of `width` coordinates stays below 2^31, and 2 p below 2^15.
  const steps = Math.floor(
    Math.min(Math.sqrt(2 ** 31 / ((2 * ROOM + 1) * evenWidth)), 2 ** 15 / (2 * ROOM)) - 1,
  );
  const step = largest / steps;
  const rounded = new Int16Array(count * evenWidth);
  let roundedOff = 0; // of any row, its length
  for (let row = 0; row < count; row += 1) {
    let square = 0;
    for (let i = 0; i < width; i += 1) {
      const value = table[row * stride + first + i]!;
      const whole = Math.round(value / step);
      rounded[row * evenWidth + i] = whole;
      square += (value - whole * step) ** 2;
    }
    roundedOff = Math.max(roundedOff, Math.sqrt(square));
  }
  const { query, squares: scanned, least, run } = rowScan(rounded, evenWidth);
  const candidates = new Int32Array(count);
  const smallest = new Int32Array(count);
  const point = new Float64Array(width);

  return {
    search(of, rows, squares) {
      const wanted = squares.length;
      squares.fill(Number.POSITIVE_INFINITY);
      let pointOff = 0;
      let pointSquare = 0;
      for (let i = 0; i < width; i += 1) {
        const value = of[first + i]!;
        const whole = Math.floor(Math.max(-ROOM * steps, Math.min(ROOM * steps, value / step)) + 0.5);
        point[i] = value;
        query[i] = -2 * whole;
        pointSquare += whole * whole;
        pointOff += (value - whole * step) ** 2;
      }
      if (!(pointOff < Number.POSITIVE_INFINITY) || wanted === 0) return 0;
      run();
      const worst = kthSmallest(least.length < FEW_BLOCKS * wanted ? scanned : least, wanted, smallest);
      const reach = Math.sqrt(worst + pointSquare) + (2 * (Math.sqrt(pointOff) + roundedOff)) / step;
      // Whole, since integers are compared with it faster.
      const limit = Math.min(Math.floor((reach * reach - pointSquare) * CAUTION), LARGEST);
      let found = 0;
      for (let block = 0; block < least.length; block += 1) {
        if (least[block]! > limit) continue;
        const end = Math.min(count, (block + 1) * BLOCK);
        for (let row = block * BLOCK; row < end; row += 1)
          if (scanned[row]! <= limit) candidates[found++] = row;
      }
      for (let i = 0; i < found; i += 1) keepNearest(candidates[i]!, rows, squares);
      return found;
    },
  };

  function keepNearest(row: number, rows: Int32Array, squares: Float64Array): void {
    const start = row * stride + first;
    let square = 0;
    for (let i = 0; i < width; i += 1) {
      const difference = table[start + i]! - point[i]!;
      square += difference * difference;
    }
    let at = squares.length - 1;
    if (!(square < squares[at]!)) return;
    for (; at > 0 && squares[at - 1]! > square; at -= 1) {
      squares[at] = squares[at - 1]!;
      rows[at] = rows[at - 1]!;
    }
    squares[at] = square;
    rows[at] = row;
  }
}

/** Of what is reckoned in double precision, against its own rounding. */
const CAUTION = 1 + 1e-9;

/** @param smallest room for k numbers */
function kthSmallest(values: Int32Array, k: number, smallest: Int32Array): number {
  const last = k - 1;
  smallest.fill(LARGEST, 0, k);
  let worst = LARGEST;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    if (value >= worst) continue;
    let at = last;
    for (; at > 0 && smallest[at - 1]! > value; at -= 1) smallest[at] = smallest[at - 1]!;
    smallest[at] = value;
    worst = smallest[last]!;
  }
  return worst;
}
