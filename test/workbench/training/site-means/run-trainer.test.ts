import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { runTrainer } from '../../../../workbench/training/site-means/run-trainer.ts';

const folder = mkdtempSync(join(tmpdir(), 'trainer-'));
afterAll(() => rmSync(folder, { recursive: true }));

function program(text: string): string {
  const path = join(folder, 'python');
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

test('the trainer gets the sites, where to write, and its own options', async () => {
  const told = join(folder, 'told');
  await runTrainer(program(`printf '%s\\n' "$@" > ${told}`), 'SITES', 'OUT', ['--members', '0']);
  const [trainer, ...rest] = readFileSync(told, 'utf8').trim().split('\n');
  expect(trainer).toMatch(/site-means\/torch\/train\.py$/);
  expect(rest).toEqual(['SITES', 'OUT', '--members', '0']);
});

test('says where it failed', async () => {
  await expect(runTrainer(program('exit 3'), 'SITES', 'OUT', [])).rejects.toThrow('train.py ended with 3');
});

test('names the Python that is not there', async () => {
  const nowhere = join(folder, 'nowhere');
  await expect(runTrainer(nowhere, 'SITES', 'OUT', [])).rejects.toThrow(`Expected a Python at ${nowhere}`);
});
