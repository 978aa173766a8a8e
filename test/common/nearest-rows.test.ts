import { describe, expect, test } from '@jest/globals';
import { nearestRows } from '../../src/common/nearest-rows.ts';
import { seededRandom } from '../../workbench/data/random.ts';

const random = seededRandom(3);
const tableOf = (rows: number, stride: number) =>
  Float32Array.from({ length: rows * stride }, () => random.normal());

/** Of a plain search: the squares in ascending order, by row. */
function plainly(table: Float32Array, stride: number, first: number, point: ArrayLike<number>) {
  const squares = Array.from({ length: table.length / stride }, (_, row) => {
    let square = 0;
    for (let i = first; i < stride; i += 1) square += (table[row * stride + i]! - point[i]!) ** 2;
    return { row, square };
  });
  return squares.sort((a, b) => a.square - b.square);
}

function search(
  table: Float32Array,
  stride: number,
  first: number,
  point: ArrayLike<number>,
  wanted: number,
) {
  const rows = new Int32Array(wanted);
  const squares = new Float64Array(wanted);
  const compared = nearestRows(table, stride, first).search(point, rows, squares);
  return { found: Array.from(rows, (row, i) => ({ row, square: squares[i]! })), compared };
}

describe('nearestRows', () => {
  test.each([
    [1, 1, 0, 1],
    [3, 2, 0, 3],
    [17, 5, 2, 4],
    [64, 128, 0, 1],
    [1000, 28, 4, 12],
    [1234, 7, 0, 12],
  ])(
    '%d rows of %d from %d on: the %d nearest of all, by the same squares',
    (rows, stride, first, wanted) => {
      const table = tableOf(rows, stride);
      for (let query = 0; query < 20; query += 1) {
        const point = tableOf(1, stride);
        const expected = plainly(table, stride, first, point).slice(0, wanted);
        expect(search(table, stride, first, point, wanted).found).toEqual(expected);
      }
    },
  );

  test('a row finds itself at no distance, and nearly nothing else has to be looked at', () => {
    const table = tableOf(2000, 32);
    const { found, compared } = search(table, 32, 0, table.subarray(32 * 77, 32 * 78), 1);
    expect(found).toEqual([{ row: 77, square: 0 }]);
    expect(compared).toBeLessThan(10);
  });

  test('a point far beyond all rows has the nearest of them all the same', () => {
    const table = tableOf(500, 6);
    for (const far of [5, 50, 1e6]) {
      const point = tableOf(1, 6).map((value) => far * value);
      expect(search(table, 6, 0, point, 3).found).toEqual(plainly(table, 6, 0, point).slice(0, 3));
    }
  });

  test('rows of all zeros, and rows that are alike', () => {
    expect(search(new Float32Array(40), 4, 0, [0, 3, 0, 4], 2).found.map(({ square }) => square)).toEqual([
      25, 25,
    ]);
  });

  test('a point that is not finite has no nearest rows', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const { found, compared } = search(tableOf(30, 2), 2, 0, [0, value], 2);
      expect(found.map(({ square }) => square)).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
      expect(compared).toBe(0);
    }
  });
});
