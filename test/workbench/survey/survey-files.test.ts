import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { surveyFiles } from '../../../workbench/survey/survey-files.ts';
import { surveyPage } from '../../../workbench/survey/survey-page.ts';

const folder = mkdtempSync(join(tmpdir(), 'survey-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CASES = 18;

test('counts files by kind and place, and says why the others are not read', async () => {
  const put = (name: string, ...lines: readonly string[]) =>
    writeFileSync(join(folder, name), lines.join('\n'));
  put('named.dat', '# Fe K-edge', '# energy mu', '7000 1', '7200 2');
  put('nameless.dat', '# energy mu', '7000 1', '7200 2');
  put('chi.dat', '# k chi', '1 2', '2 3');
  put('torn.dat', '# energy mu', '7000 1', '7200');
  const { table, unread } = await surveyFiles(
    new Map([
      ['bug cases', 'test/formats/bug-cases'],
      ['here', folder],
    ]),
  );
  expect(table).toMatchObject([
    {
      kind: 'plain columns',
      place: 'here',
      files: 4,
      read: 1,
      readOnceNamed: 1,
      withoutEnergies: 1,
      spectra: 2,
    },
    { kind: 'XDI', place: 'bug cases', files: CASES, read: CASES, spectra: CASES },
  ]);
  expect(unread).toEqual([{ place: 'here', file: 'torn.dat', detail: 'line 3: Expected 2 numbers, got 1' }]);
  const page = surveyPage(table, unread);
  expect(page).toContain(`| all |  | ${CASES + 4} | ${CASES + 1} | 1 | 1 | ${CASES + 2} |`);
  expect(page).toContain(`Of ${CASES + 3} files with energies ${CASES + 2} are read.`);
});
