import { expect, test } from '@jest/globals';
import { seededRandom } from '../../../workbench/data/random.ts';
import { strongestPeriods } from '../../../workbench/training/periods.ts';

test('finds the periods that sequences were made of, strongest first', () => {
  const random = seededRandom(1);
  const sequences = Array.from({ length: 50 }, () => {
    const [a, b] = [random.uniform(), random.uniform()];
    return Float32Array.from({ length: 80 }, (_, i) => {
      return 5 + 3 * Math.cos((2 * Math.PI * i) / 10 + 6 * a) + Math.cos((2 * Math.PI * i) / 20 + 6 * b);
    });
  });
  expect(strongestPeriods(sequences, 2)).toEqual([10, 20]);
});
