import { expect, test } from '@jest/globals';
import { rowProducts } from '../../src/common/row-products.ts';
import { seededRandom } from '../../workbench/data/random.ts';

const random = seededRandom(5);
const numbers = (count: number) => Float32Array.from({ length: count }, () => random.normal());

test.each([
  [1, 1],
  [4, 94],
  [16, 3],
  [17, 8],
  [24, 128],
])('%d rows of %d: each times the point, again and again', (count, width) => {
  const rows = numbers(count * width);
  const { point, products, run } = rowProducts(rows, width);
  for (let query = 0; query < 3; query += 1) {
    point.set(numbers(width));
    run();
    expect(products).toHaveLength(count);
    for (let row = 0; row < count; row += 1) {
      const expected = point.reduce((sum, value, i) => sum + value * rows[row * width + i]!, 0);
      expect(products[row]).toBeCloseTo(expected, 4);
    }
  }
});

test('a point that is not finite has no finite product', () => {
  const { point, products, run } = rowProducts(numbers(6), 2);
  point.set([1, Number.NaN]);
  run();
  expect([...products]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});
