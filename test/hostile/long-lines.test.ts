import { expect, test } from '@jest/globals';
import { readScanFile } from '../../src/formats/read-scan-file.ts';

/** A rule that goes over a line again and again takes minutes for so many, and one that goes over it once no time. */
const CHARACTERS = 100_000;
const MOST_MS = 30_000;
const SIGNS = ['\t', ' ', ' \t', '(', ' (', '[', '#', ',', ';', '"', '0', 'K ', 'a.', '='];
const rows = Array.from({ length: 30 }, (_, i) => `${7000 + 10 * i} ${i} 1`).join('\n');

test.each([
  ['a comment', (long: string) => `# ${long}x\n# energy mu i0\n${rows}`],
  ['names of columns', (long: string) => `energy mu ${long}x\n${rows}`],
  ['a unit', (long: string) => `energy (${long}\n${rows}`],
  ['an edge', (long: string) => `# edge ${long}x\n# E0 ${long}x\n# energy mu i0\n${rows}`],
  ['a field', (long: string) => `# Column.1: energy ${long}x\n# Column.2: ${long}\n# Column.3: mu\n${rows}`],
  ['a row', (long: string) => `# energy mu i0\n${rows}\n7400 ${long}x 1\n${rows}`],
  ['a header', (long: string) => `; Epics Scan\n; D1 ${long}= {x\n; D2 = {${long}x\n${rows}`],
])('a line of any length is gone over once: %s', (_, text) => {
  const slow = SIGNS.filter((sign) => {
    const bytes = Buffer.from(text(sign.repeat(CHARACTERS / sign.length)));
    const beganMs = performance.now();
    readScanFile(bytes, 'a.dat', { element: 'Fe' });
    return performance.now() - beganMs > MOST_MS;
  });
  expect(slow).toEqual([]);
});
