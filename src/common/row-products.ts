import { BLOCK, rowLoop } from './row-loop.ts';

/** A table of rows of floats, and a point that each is multiplied by. */
export type RowProducts = {
  /** To be filled before `run`. */
  readonly point: Float32Array; // [width]
  /** Of each row its dot product with the point: what `run` answers. */
  readonly products: Float32Array; // [rows]
  run(): void;
};

/**
 * Dot products of all rows with a point, four rows at a time, in single precision.
 * @param rows [count * width], row after row
 */
export function rowProducts(rows: Float32Array, width: number): RowProducts {
  const count = rows.length / width;
  const { memory, at, run } = rowLoop('floats', count, width);
  const packed = new Float32Array(memory);
  for (let row = 0; row < count; row += 1) {
    const lane = row % BLOCK;
    for (let i = 0; i < width; i += 1)
      packed[(row - lane) * width + i * BLOCK + lane] = rows[row * width + i]!;
  }
  return {
    point: new Float32Array(memory, at.point, width),
    products: new Float32Array(memory, at.sums, count),
    run,
  };
}
