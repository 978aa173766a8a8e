import { describe, expect, test } from '@jest/globals';
import {
  formatAge,
  formatBytes,
  formatDuration,
  formatValue,
  withSign,
} from '../../../dashboard/client/src/words/format.ts';

describe('formatValue', () => {
  test.each([
    [2.9612, 2.84, 3.08, '2.96 ± 0.12'],
    [3.4, 3.1, 3.7, '3.4 ± 0.3'],
    [12.3, 8, 16.6, '12 ± 4'],
    [0.0213, 0.0113, 0.0313, '0.021 ± 0.010'],
    [3, 3, 3, '3'],
    [3.25, 3.25, 3.25, '3.3'],
    [3.4, 3, 4, '3.4 ± 0.5'],
    [3.9, 3, 4, '3.9 (3 to 4)'],
    [0.03, 0, 0.08, '0.03 (0 to 0.08)'],
    [1, 1, 4, '1 (1 to 4)'],
    [null, null, null, '–'],
    [2, null, null, '2'],
  ])('%p in %p to %p is %p', (value, low, high, text) => {
    expect(formatValue(value, low, high)).toBe(text);
  });

  test('an oxidation state carries its sign', () => {
    expect(withSign('3.4 ± 0.1')).toBe('+3.4 ± 0.1');
    expect(withSign('-2')).toBe('−2');
    expect(withSign('–')).toBe('–');
  });
});

test.each([
  [0, 'under 1 s'],
  [3_400, '3 s'],
  [99_000, '99 s'],
  [100_000, '1 min'],
  [3 * 3_600_000, '3 h'],
  [72 * 3_600_000, '3 days'],
  [-500, 'under 1 s'],
])('an age of %p ms is %p', (ms, text) => {
  expect(formatAge(ms)).toBe(text);
});

test.each([
  [null, '–'],
  [12.4, '12 ms'],
  [1_340, '1.3 s'],
  [12_000, '12 s'],
  [240_000, '4 min'],
])('a duration of %p ms is %p', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [null, 'no value'],
  [62, '62 B'],
  [3_584, '3.5 kB'],
  [2_097_152, '2.0 MB'],
])('%p bytes are %p', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
