import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import { linesOf } from '../../src/files/lines-of.ts';
import { readScanFiles } from '../../src/files/scan-files.ts';
import { readNumberTable } from '../../src/formats/number-table.ts';
import { readSpecFile } from '../../src/formats/spec-file.ts';
import { isReject } from '../../src/messages/reject.ts';

const folder = mkdtempSync(join(tmpdir(), 'large-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

const put = (name: string, bytes: Buffer | string) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const GOOD = '# Fe K-edge\n# energy mu\n7000 1\n7200 2\n';

async function read(...files: readonly string[]) {
  const scans: string[] = [];
  for await (const { scan } of readScanFiles(files)) scans.push(isReject(scan) ? scan.detail : scan.element);
  return scans;
}

test('what unzips to more than is read whole is refused, and the next file is read', async () => {
  const good = put('good.dat', GOOD);
  for (const [name, start] of [
    ['bomb.dat.gz', GOOD],
    ['bomb.prj.gz', '# Athena project file\n'],
  ] as const) {
    const bomb = put(name, gzipSync(Buffer.concat([Buffer.from(start), Buffer.alloc(70_000_000, '\n')])));
    expect(await read(bomb, good)).toEqual([
      `${bomb}: Expected at most 67108864 bytes of a file that is read whole, got more`,
      'Fe',
    ]);
  }
});

test('a line that takes a thousand reads is put together once', async () => {
  const long = put('long.jsonl.gz', gzipSync(Buffer.alloc(60_000_000, 'x')));
  const beganMs = performance.now();
  for await (const line of linesOf(long, { zipped: true, most: 1e8 })) expect(line).toHaveLength(60_000_000);
  expect(await read(long)).toEqual([expect.stringMatching(/got a line of more than 16777216 characters/)]);
  expect(performance.now() - beganMs).toBeLessThan(30_000);
});

test('a table has so many lines at the most, and each so many characters', () => {
  expect(readNumberTable(`# Fe K-edge\n${'1 2\n'.repeat(1_000_000)}`)).toBe(
    'Expected at most 1000000 lines, got more',
  );
  expect(readNumberTable(`# Fe K-edge\n${'7 '.repeat(600_000)}`)).toBe(
    'line 2: Expected at most 1000000 characters, got 1200000',
  );
});

test('a scan of a SPEC file has so many points at the most, and the next scan is read', async () => {
  function* lines() {
    yield* ['#C Fe K-edge', '#S 1 ascan', '#L energy  mu'];
    for (let i = 0; i <= 1_000_000; i += 1) yield '7112 1';
    yield* ['#S 2 ascan', '#L energy  mu', '7000 1', '7200 2'];
  }
  const scans: string[] = [];
  for await (const { id, read: each } of readSpecFile(lines(), 'f.spec', {}))
    scans.push(`${id}: ${isReject(each) ? each.detail : each.candidates[0]!.element}`);
  expect(scans).toEqual([
    'scan 1: f.spec: scan 1: Expected at most 1000000 lines of numbers, got more',
    'scan 2: Fe',
  ]);
});
