import { expect, test } from '@jest/globals';
import { pythonFloat } from '../../../workbench/data/python-float.ts';

// As Python 3 prints the same doubles.
test.each([
  [9010, '9010.0'],
  [8983.507, '8983.507'],
  [0.1, '0.1'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [0.000055, '5.5e-05'],
  [1.5e-7, '1.5e-07'],
  [5e-324, '5e-324'],
  [1e15, '1000000000000000.0'],
  [1e16, '1e+16'],
  [123456789012345680, '1.2345678901234568e+17'],
  [1e100, '1e+100'],
  [-2.5, '-2.5'],
  [0, '0.0'],
  [-0, '-0.0'],
])('%d is %s', (value, text) => {
  expect(pythonFloat(value)).toBe(text);
  expect(Number(text)).toBe(value);
});

test('what JSON cannot hold is refused', () => {
  expect(() => pythonFloat(Number.NaN)).toThrow('Expected a finite number, got NaN');
});
