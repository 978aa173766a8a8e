import { BLOCK, rowLoop } from './row-loop.ts';

/** Of 32 bits with a sign: no row's square reaches it. */
export const LARGEST = 2 ** 31 - 1;

/** A table of rows of 16-bit integers, and a point that it is compared with. */
export type RowScan = {
  /** To be filled before `run`: minus twice the point. */
  readonly query: Int16Array; // [width, even]
  /** Of each row the square of its distance to the point, less the square of the point: what `run` answers. */
  readonly squares: Int32Array; // [rows]
  /** The least of the squares of each BLOCK rows. */
  readonly least: Int32Array; // [blocks]
  run(): void;
};

/**
 * Squares of the distances of all rows to a point, as |r|^2 - 2 p r: one multiplication and one addition a coordinate,
 * eight at a time. All sums must stay below 2^31.
 * @param rows [count * width], row after row; @param width of a row, even
 */
export function rowScan(rows: Int16Array, width: number): RowScan {
  const count = rows.length / width;
  const { memory, at, blocks, run } = rowLoop('integers', count, width / 2);
  const packed = new Int16Array(memory, 0, blocks * BLOCK * width);
  const norms = new Int32Array(memory, at.starts, blocks * BLOCK).fill(LARGEST);
  for (let row = 0; row < count; row += 1) {
    const lane = row % BLOCK;
    const block = (row - lane) * width;
    let norm = 0;
    for (let i = 0; i < width; i += 1) {
      const value = rows[row * width + i]!;
      packed[block + (i >> 1) * 2 * BLOCK + 2 * lane + (i & 1)] = value;
      norm += value * value;
    }
    norms[row] = norm;
  }
  return {
    query: new Int16Array(memory, at.point, width),
    squares: new Int32Array(memory, at.sums, count),
    least: new Int32Array(memory, at.least, blocks),
    run,
  };
}
