import { expect, test } from '@jest/globals';
import { newReadme, withTables } from '../../../workbench/generate/data-set-readme.ts';

test('tables stand between the marks; all else of a README stays', () => {
  const first = withTables(`${newReadme('mine')}\nWritten by hand.\n`, 'old tables');
  const second = withTables(first, 'new tables');
  expect(first).toContain('old tables');
  expect(second).toContain('\n\nnew tables\n<!-- end of tables -->');
  expect(second).not.toContain('old tables');
  expect(second.startsWith('# mine\n')).toBe(true);
  expect(second.endsWith('\nWritten by hand.\n')).toBe(true);
});

test('the same tables again change nothing', () => {
  const readme = withTables(newReadme('mine'), 'tables');
  expect(withTables(readme, 'tables')).toBe(readme);
});

test('a README without marks is refused', () => {
  expect(() => withTables('# mine\n', 'tables')).toThrow('Expected the README to hold the marks <!-- tables');
});
