import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../../..');
const DATA = join(process.env.XANES_DATA ?? join(ROOT, '../shared/data'), 'measured');
// The measured scans are not part of this repository.
const withData = existsSync(DATA) ? describe : describe.skip;

withData('npm run measured (skipped without the measured set)', () => {
  test('reads copper files, and accepts nothing of a metal', () => {
    const command = [
      '--import',
      'tsx',
      'workbench/commands/measured.ts',
      '--data',
      DATA,
      '--files',
      'Cu/',
      '--json',
    ];
    const output = execFileSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' });
    const rows = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows).toHaveLength(7);
    const oxide = rows.find(({ compound }) => compound.startsWith('CuO'));
    expect(oxide).toMatchObject({ kind: 'oxide', descriptors: { OS: { value: 2, truth: 'right' } } });
    for (const { kind, descriptors } of rows) {
      if (kind === 'oxide') continue;
      for (const { verdict } of Object.values<{ verdict: string }>(descriptors))
        expect(verdict).not.toBe('ACCEPT');
    }
  }, 60_000);
});
