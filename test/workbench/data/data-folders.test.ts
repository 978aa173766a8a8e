import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import { MEASURED, madeBy, OMNIXAS, TRAINING_FOLDERS } from '../../../workbench/data/data-folders.ts';

const empty = mkdtempSync(join(tmpdir(), 'no-data-'));
afterAll(() => rmSync(empty, { recursive: true }));

describe('madeBy', () => {
  test.each([
    [join(MEASURED, 'manifest.json'), 'import-xas-data-library'],
    [join(OMNIXAS, 'cu-feff9/test.jsonl.gz'), 'import-omnixas'],
    [TRAINING_FOLDERS[1]!, 'import-omnixas'],
  ])('%s is made by %s', (path, command) => {
    expect(madeBy(path)).toBe(`; npm run workbench -- ${command} makes it (docs/workbench/data.md)`);
  });

  test('says nothing of what no command makes', () => {
    expect(madeBy(`${OMNIXAS}-of-mine/sites.jsonl`)).toBe('');
    expect(madeBy(TRAINING_FOLDERS[0]!)).toBe('');
  });
});

describe('a command whose data are not there names the command that makes them, in one line', () => {
  test.each([
    ['measured', 'Expected measured scans with', 'import-xas-data-library'],
    ['evaluate-out-of-distribution', 'Expected measured scans with', 'import-xas-data-library'],
    ['build-neighbour-index', 'Expected a file or folder of training data at', 'import-omnixas'],
  ])('%s', async (command, said, maker) => {
    const args = ['--import', 'tsx', 'workbench/main.ts', command];
    const run = promisify(execFile)(process.execPath, args, { env: { ...process.env, XANES_DATA: empty } });
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        new RegExp(`${said} ${empty}.*npm run workbench -- ${maker} makes it.*\n$`),
      ),
    });
  });
});
