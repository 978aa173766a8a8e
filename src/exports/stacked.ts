/** Rows of one length, one after the other. */
export function stacked<Row extends Float64Array | Float32Array>(rows: readonly Row[]): Float64Array {
  const length = rows[0]!.length;
  const all = new Float64Array(rows.length * length);
  for (const [i, row] of rows.entries()) all.set(row, i * length);
  return all;
}
