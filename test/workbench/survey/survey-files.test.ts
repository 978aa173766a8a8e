import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import * as hdf5 from 'h5wasm/node';
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

test('files of HDF5 are read on a thread for all of them, and on another for those that name no absorber', async () => {
  const below = join(folder, 'hdf5');
  mkdirSync(below);
  await hdf5.ready;
  const made = new hdf5.File(join(below, 'first.h5'), 'w');
  const entry = made.create_group('entry');
  entry.create_attribute('NX_class', 'NXentry');
  entry.create_dataset({ name: 'definition', data: 'NXxas' });
  entry.create_dataset({ name: 'energy', data: Float64Array.of(7100, 7101, 7102, 7103) });
  entry.create_dataset({ name: 'intensity', data: Float64Array.of(1, 2, 3, 4) });
  made.close();
  for (const name of ['second.h5', 'third.h5']) copyFileSync(join(below, 'first.h5'), join(below, name));
  let threads = 0;
  const onThread = () => {
    threads += 1;
  };
  subscribe('worker_threads', onThread);
  const { table } = await surveyFiles(new Map([['here', below]]));
  unsubscribe('worker_threads', onThread);
  expect(table).toMatchObject([{ kind: 'HDF5, NeXus', files: 3, read: 0, readOnceNamed: 3, spectra: 3 }]);
  expect(threads).toBe(2);
});
