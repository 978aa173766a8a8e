import { expect, test } from '@jest/globals';
import { markdownTable } from '../../../workbench/report/markdown-table.ts';

test('a head, a rule and the rows, each on a line of its own', () => {
  expect(
    markdownTable(
      ['', 'OS', 'n'],
      [
        ['spt', '0.844', 3],
        ['mlp', '', 12],
      ],
    ),
  ).toBe('|  | OS | n |\n| --- | --- | --- |\n| spt | 0.844 | 3 |\n| mlp |  | 12 |\n');
});

test('without rows', () => {
  expect(markdownTable(['a', 'b'], [])).toBe('| a | b |\n| --- | --- |\n');
});

test('a row that would stand under the wrong head is refused', () => {
  expect(() => markdownTable(['a', 'b'], [['1', '2'], ['3']])).toThrow(
    'Expected rows of 2 cells as in the head, got 1: 3',
  );
});
