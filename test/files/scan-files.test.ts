import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import { readScanFiles, type ScanFileOptions, scanFilesIn } from '../../src/files/scan-files.ts';
import { isReject } from '../../src/messages/reject.ts';

const folder = mkdtempSync(join(tmpdir(), 'scan-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

const athena = `# Athena project file -- Athena version 0.8.059
@args = ('label','one','is_xmu',1,'bkg_z','Fe');
@x = ('7100','7101');
@y = ('0.1','0.2');
[record]
`;
const spec = '#F a\n#C Fe K-edge\n#S 1 ascan energy 7100 7101 1 1\n#L energy  mu\n7100 0.1\n7101 0.2\n';
const files = {
  'a.prj': Buffer.from(athena),
  'b.prj': gzipSync(athena),
  'c.dat': Buffer.from(spec), // by what is in it, not by its name
  'd.csv': gzipSync('# Fe K-edge\n# energy mu\n7100 0.1\n7101 0.2\n'),
  'e.dat': gzipSync(athena).subarray(0, 60),
  'f.txt': Buffer.from('not searched for'),
};
for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);

async function read(options: ScanFileOptions = {}) {
  const scans = [];
  for await (const { file, id, scan, notes } of readScanFiles(scanFilesIn([folder]), options)) {
    const name = file.slice(folder.length + 1);
    if (isReject(scan)) scans.push([name, id, scan.detail.replace(folder, '')]);
    else scans.push([name, id, scan.element, [...scan.energyEv], notes.filter((note) => /moved/.test(note))]);
  }
  return scans;
}

test('of JSON lines a byte order mark costs none, and a line that is no scan keeps its name', async () => {
  const line = (named: object) =>
    JSON.stringify({ ...named, element: 'Fe', edge: 'K', energyEv: [7100], mu: 'x' });
  const good = { id: 'good', element: 'Fe', edge: 'K', energyEv: [7100, 7101], mu: [0.1, 0.2] };
  const path = join(folder, 'marked.txt.jsonl');
  const lines = [JSON.stringify(good), line({ scanId: 'a' }), line({ id: 'b' }), line({ id: 7 }), line({})];
  writeFileSync(path, `\uFEFF${lines.join('\r\n')}\n`);
  const ids: (string | undefined)[] = [];
  for await (const { id, scan } of readScanFiles([path])) ids.push(isReject(scan) ? `no ${id}` : id);
  rmSync(path);
  expect(ids).toEqual(['good', 'no a', 'no b', 'no 7', 'no undefined']);
});

test('JSON lines and SPEC may be zipped, in UTF-16, or cut off', async () => {
  const line = JSON.stringify({
    id: 'one',
    element: 'Fe',
    edge: 'K',
    energyEv: [7100, 7101],
    mu: [0.1, 0.2],
  });
  const lines = `${line}\n${line.replace('one', 'two')}\n`;
  const long = Array.from({ length: 5000 }, (_, i) =>
    line.replace('one', `line ${i} of ${Math.sin(i)}`),
  ).join('\n');
  const written = {
    'a.jsonl.gz': gzipSync(lines),
    'b.jsonl': Buffer.from(`\uFEFF${lines}`, 'utf16le'),
    'c.jsonl': Buffer.from(lines, 'utf16le').swap16(), // without a mark
    'd.jsonl.gz': gzipSync(Buffer.from(lines, 'utf16le')),
    'e.spec.gz': gzipSync(spec),
    'f.jsonl.gz': gzipSync(long).subarray(0, -100),
    'g.jsonl': Buffer.alloc(0),
  };
  const below = mkdtempSync(join(folder, 'zipped-'));
  for (const [name, bytes] of Object.entries(written)) writeFileSync(join(below, name), bytes);
  const ids: Record<string, unknown[]> = {};
  for await (const { file, id, scan } of readScanFiles(scanFilesIn([below]))) {
    const name = file.slice(below.length + 1);
    ids[name] = [...(ids[name] ?? []), isReject(scan) ? scan.detail.replace(below, '') : id];
  }
  rmSync(below, { recursive: true });
  const both = ['one', 'two'];
  const { 'f.jsonl.gz': cut, ...whole } = ids;
  expect(whole).toEqual({
    ...{ 'a.jsonl.gz': both, 'b.jsonl': both, 'c.jsonl': both, 'd.jsonl.gz': both, 'e.spec.gz': ['scan 1'] },
  });
  expect(cut!.length).toBeGreaterThan(1000); // what was there before the cut is read
  expect(cut!.at(-1)).toMatch(/^\/f.jsonl.gz: Expected a file that can be read, got unexpected end of file$/);
});

test('each kind of file is known by what is in it, zipped or not', async () => {
  expect(await read()).toEqual([
    ['a.prj', 'one', 'Fe', [7100, 7101], []],
    ['b.prj', 'one', 'Fe', [7100, 7101], []],
    ['c.dat', 'scan 1', 'Fe', [7100, 7101], []],
    ['d.csv', undefined, 'Fe', [7100, 7101], []],
    ['e.dat', undefined, expect.stringContaining('Expected a file that unzips')],
  ]);
});

test('energies are moved by what is asked for, and the note says so', async () => {
  const [first] = await read({ offsetEv: -0.5 });
  expect(first).toEqual([
    ...['a.prj', 'one', 'Fe'],
    [7099.5, 7100.5],
    ['the energies are moved by -0.5 eV, as --offset says'],
  ]);
});
