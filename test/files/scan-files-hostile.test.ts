import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { linesOf } from '../../src/files/lines-of.ts';
import { readScanFiles, scanFilesIn } from '../../src/files/scan-files.ts';
import { isReject } from '../../src/messages/reject.ts';

const folder = mkdtempSync(join(tmpdir(), 'scan-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

const put = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test('a folder is looked through once, whatever links lead to; what cannot be read does not end the others', async () => {
  mkdirSync(join(folder, 'inner'));
  const good = put('inner/good.001', '# Fe K-edge\n# energy mu\n7000 1\n7200 2\n');
  const dead = join(folder, 'inner/dead.dat');
  symlinkSync(join(folder, 'nowhere'), dead);
  symlinkSync(folder, join(folder, 'inner/up'));
  put('inner/notes.md', 'no scan');
  const files = scanFilesIn([folder]);
  expect(files).toEqual([dead, good]);
  const scans = [];
  for await (const { scan } of readScanFiles(files)) scans.push(isReject(scan) ? scan.detail : scan.element);
  expect(scans).toEqual([
    expect.stringMatching(/dead\.dat: Expected a file that can be read, got ENOENT/),
    'Fe',
  ]);
});

test('lines of a file, cut anywhere in its reading, and none without an end', async () => {
  const all = async (file: string, most?: number) => {
    const lines: string[] = [];
    for await (const line of linesOf(file, { most })) lines.push(line);
    return lines;
  };
  const long = 'é'.repeat(100_000);
  const file = put('lines.jsonl', `a\r\n\n${long}\nlast`);
  expect(await all(file)).toEqual(['a', '', long, 'last']);
  expect(await all(put('empty.jsonl', ''))).toEqual([]);
  await expect(all(file, 50_000)).rejects.toThrow('a line of more than 50000 characters');
});
