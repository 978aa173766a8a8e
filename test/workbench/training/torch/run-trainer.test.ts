import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { runTrainer } from '../../../../workbench/training/torch/run-trainer.ts';

const folder = mkdtempSync(join(tmpdir(), 'trainer-'));
afterAll(() => rmSync(folder, { recursive: true }));

function program(text: string): string {
  const path = join(folder, 'python');
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

test('the trainer gets what it is given', async () => {
  const told = join(folder, 'told');
  await runTrainer(program(`printf '%s\\n' "$@" > ${told}`), 'there/train.py', [
    'SITES',
    'OUT',
    '--members',
    '0',
  ]);
  expect(readFileSync(told, 'utf8')).toBe('there/train.py\nSITES\nOUT\n--members\n0\n');
});

test('says where it failed', async () => {
  await expect(runTrainer(program('exit 3'), 'there/train.py', [])).rejects.toThrow('train.py ended with 3');
});

test('names the Python that is not there', async () => {
  const nowhere = join(folder, 'nowhere');
  await expect(runTrainer(nowhere, 'there/train.py', [])).rejects.toThrow(`Expected a Python at ${nowhere}`);
});
