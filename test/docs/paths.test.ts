import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { documents, ROOT, readText } from './documents.ts';

const FOLDERS = [
  'src',
  'test',
  'bench',
  'workbench',
  'dashboard',
  'demo',
  'tools',
  'clients',
  'schemas',
  'deploy',
];

/** What was true on its day. */
const HISTORY = /^(CHANGELOG\.md|docs\/(experiments|adr)\/)/;

const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => !/(^|\/)(node_modules|dist)\//.test(path))
    .map((path) => join(folder, path)),
);

/** Paths in a text that no file begins with: `test/faults` and `src/wire/short` are no such, as jest reads patterns. */
function lost(text: string, marks: RegExp): string[] {
  const named = [...text.matchAll(marks)].map(([, path]) => path!);
  return named.filter((path) => !FOLDERS.includes(path) && !files.some((file) => file.startsWith(path)));
}

const IN_CODE = new RegExp(`\`((?:${FOLDERS.join('|')})/[\\w./-]*\\w)\`?`, 'g');

test.each(documents().filter((path) => !HISTORY.test(path)))('files that %s names are there', (path) => {
  expect(lost(readText(path), IN_CODE)).toEqual([]);
});

const PATTERN = /'(test\/[\w./-]*\w)'/g;

test.each(
  [
    ...readdirSync(join(ROOT, 'tools')).map((name) => join('tools', name)),
    ...readdirSync(join(ROOT, 'test/faults/long')).map((name) => join('test/faults/long', name)),
  ].filter((path) => /\.m?[jt]s$/.test(path)),
)('patterns of tests in %s match some', (path) => {
  expect(lost(readText(path), PATTERN)).toEqual([]);
});

test('a path of nothing is found', () => {
  expect(lost('`src/wire` and `src/gone.ts`, `test/faults` `npm test`', IN_CODE)).toEqual(['src/gone.ts']);
  expect(lost("['test/faults', 'test/projection']", PATTERN)).toEqual(['test/projection']);
});
