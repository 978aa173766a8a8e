import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type FileScan, readScanFiles } from '../../src/files/scan-files.ts';
import { readNexus } from '../../src/formats/nexus.ts';
import { isReject } from '../../src/messages/reject.ts';
import { hdf5File } from '../formats/hdf5-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'hdf5-thread-'));
afterAll(() => rmSync(folder, { recursive: true }));
const sound = join(folder, 'sound.h5');

/** A stack of two spectra, with texts of variable length. */
beforeAll(async () => {
  await hdf5File(sound, {
    entry: {
      ...{ '@NX_class': 'NXentry', definition: 'NXxas', element: { symbol: 'Fe' } },
      energy: Float64Array.of(7100, 7101, 7102, 7103),
      intensity: [Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8), [2, 4]],
    },
  });
});

/** The file with one number of its heap of texts changed, at so many bytes from the heap's beginning. */
function damaged(name: string, at: number, size: bigint): string {
  const bytes = Buffer.from(readFileSync(sound));
  bytes.writeBigInt64LE(size, bytes.indexOf('GCOL') + at);
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

const said = ({ file, scan }: FileScan) => [file, isReject(scan) ? `${scan.reason}: ${scan.detail}` : 'read'];

test('a file that HDF5 reads for ever is given up in its time, and the files behind it are read', async () => {
  // The first text is said to have so many bytes that, rounded up, the next one begins where it does itself.
  const endless = damaged('endless.h5', 24, -16n);
  const columns = join(folder, 'good.dat');
  writeFileSync(columns, '# Fe K-edge\n# energy mu\n7000 1\n7200 2\n');
  const files = [endless, sound, columns, damaged('beyond.h5', 24, 1n << 20n), sound];
  const answers = [];
  for await (const each of readScanFiles(files, { readSeconds: 3 })) answers.push(said(each));
  const givenUp = [
    endless,
    `malformed-file: ${endless}: Expected a file that can be read, got no scan of it, nor its end, in 3 s of reading ` +
      'it as HDF5: it is damaged, or needs more time by --read-seconds',
  ];
  const ofSound = [
    [sound, 'read'],
    [sound, 'read'],
  ];
  const beyond = [
    join(folder, 'beyond.h5'),
    expect.stringMatching(/^malformed-file: .*Expected the groups of/),
  ];
  expect(answers).toEqual([givenUp, ...ofSound, [columns, 'read'], beyond, ...ofSound]);
}, 600_000);

test('scans come from the thread as they are read without one', async () => {
  const here = [];
  for await (const { id, read } of readNexus(sound, sound, { edge: 'K' })) here.push({ id, read });
  const there = [];
  for await (const { file: _, id, scan, ...read } of readScanFiles([sound], { edge: 'K' })) {
    expect(scan).toEqual(read.candidates[0]);
    there.push({ id, read });
  }
  expect(here).toHaveLength(2);
  expect(there).toEqual(here);
});

test('whoever wants no more of a file, or no more files, is not kept waiting', async () => {
  for await (const each of readScanFiles([sound, sound])) {
    expect(said(each)).toEqual([sound, 'read']);
    break;
  }
});
