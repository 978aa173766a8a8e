import { describe, expect, test } from '@jest/globals';
import { decodeText } from '../../src/formats/decode-text.ts';
import { readJsonScan } from '../../src/formats/json-scan.ts';
import { type NumberTable, readNumberTable } from '../../src/formats/number-table.ts';
import { readScanFile } from '../../src/formats/read-scan-file.ts';
import { isReject } from '../../src/messages/reject.ts';

const table = (text: string): NumberTable => {
  const read = readNumberTable(text);
  if (typeof read === 'string') throw new Error(read);
  return read;
};
const many = (row: string) => Array.from({ length: 20 }, () => row).join('\n');

describe('readNumberTable', () => {
  test.each(['#', ';', '%', '!', '*', '//'])('takes %s for the beginning of a comment', (sign) => {
    const { header, rows, legend } = table(`${sign} Element.symbol: Fe\n${sign} energy mu\n7000 1\n7001 2`);
    expect([header.get('element.symbol'), legend, rows]).toEqual([
      'Fe',
      'energy mu',
      [
        [7000, 1],
        [7001, 2],
      ],
    ]);
  });

  test.each([
    ['blanks', '7000 1.5 -2e3'],
    ['tabs', '7000\t1.5\t-2e3'],
    ['commas', '7000,1.5,-2e3'],
    ['semicolons', '7000;1.5;-2e3'],
    ['commas and blanks', '7000, 1.5, -2e3'],
    ['the exponents of Fortran', '7000 1.5 -2D3'],
  ])('separates numbers by %s', (_, row) => {
    expect(table(row).rows).toEqual([[7000, 1.5, -2000]]);
  });

  test('reads decimal commas where something else separates, and says so', () => {
    const { rows, notes } = table('7000\t8\t6,55\n7001\t8\t6,5e-1');
    expect(rows).toEqual([
      [7000, 8, 6.55],
      [7001, 8, 0.65],
    ]);
    expect(notes).toEqual(['the numbers have decimal commas']);
    expect(table('7000,5;1,25').rows).toEqual([[7000.5, 1.25]]);
  });

  test('a line of words before the numbers names the columns', () => {
    expect(table('energy,mu\n7000,1').legend).toBe('energy,mu');
  });

  test('a last line that was being written is left out, after a scan of lines', () => {
    for (const end of ['7001', '7001 1.', '7001 x']) {
      const { rows, notes } = table(`${many('7000 1')}\n${end}`);
      expect(rows).toHaveLength(end === '7001 1.' ? 21 : 20);
      expect(notes).toEqual(end === '7001 1.' ? [] : ['the last line, 21, is broken off and left out']);
    }
    expect(readNumberTable('7000 1\n7001')).toBe('line 2: Expected 2 numbers, got 1');
    expect(readNumberTable(`7000 1\nx\n${many('7000 1')}`)).toBe(
      'line 2: Expected a number in column 1, got "x"',
    );
  });
});

describe('decodeText', () => {
  const text = '# XDI/1.0\n7000 1';
  test.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-16, little-endian, with its mark', Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16, little-endian', Buffer.from(text, 'utf16le')],
    ['UTF-16, big-endian', Buffer.from(text, 'utf16le').swap16()],
  ])('reads %s', (_, bytes) => {
    expect(decodeText(bytes)).toBe(text);
  });
});

describe('plain columns', () => {
  const file = (head: string, rows: string) => Buffer.from(`${head}\n${rows}`);
  const read = (bytes: Buffer, options = {}) => {
    const result = readScanFile(bytes, 'a.dat', options);
    return isReject(result) ? `${result.reason}: ${result.detail}` : result;
  };

  test('columns are chosen by number or by name', () => {
    const bytes = file('# E I0 I1', '8300 10 5\n8301 10 4');
    for (const choice of [
      { energy: '1', i0: '2', it: '3' },
      { energy: 'e', i0: 'I0', it: 'I1' },
    ]) {
      expect(read(bytes, { element: 'Ni', ...choice })).toMatchObject({
        candidates: [{ element: 'Ni', edge: 'K', mode: 'TRANSMISSION', it: Float64Array.of(5, 4) }],
      });
    }
    expect(read(bytes, { element: 'Ni', it: '4' })).toBe(
      'missing-channel: a.dat: Expected a column 4, got e, i0, i1',
    );
    expect(read(bytes, { element: 'Ni', it: 'I9' })).toMatch('Expected a column I9, got e, i0, i1');
  });

  test.each([
    ['# Fe K-edge', 'Fe', 'K'],
    ['# element: ni, edge: K', 'Ni', 'K'],
    ['# Co K edge XANES of LCO', 'Co', 'K'],
    ['# E0 = 8979.0', 'Cu', 'K'],
    ['# Element.symbol: Mn', 'Mn', 'K'],
  ])('the absorber is what the comments say: %s', (comment, element, edge) => {
    expect(read(file(`${comment}\n# energy mu`, '6000 2\n7000 3\n9100 4'))).toMatchObject({
      candidates: [{ element, edge }],
    });
  });

  test('without an absorber, or a signal, it says what to name', () => {
    expect(read(file('# energy mu', '7000 1'))).toMatch(/^malformed-file: .*name it with --element/);
    expect(read(file('# energy foo', '7000 1'), { element: 'Fe' })).toMatch(/^missing-channel: .*--mu/);
    expect(read(Buffer.from('no numbers'), { element: 'Fe' })).toMatch(
      /^malformed-file: .*Expected lines of numbers/,
    );
  });

  test('energies in keV are eV, with their unit or by their size', () => {
    const read1 = read(file('# energy mu', '7.1 1\n7.2 2'), { element: 'Fe' });
    expect(read1).toMatchObject({
      candidates: [{ energyEv: Float64Array.of(7100, 7200) }],
      notes: ['the energies are taken as keV'],
    });
  });
});

describe('readJsonScan', () => {
  const good = { id: 'a', element: 'fe', energyEv: [1, 2], mu: [3, 4] };

  test('reads what there is, and tells the mode by the channels', () => {
    expect(readJsonScan(JSON.stringify(good), 'f: line 1')).toMatchObject({
      ...{ scanId: 'a', element: 'Fe', edge: 'K', mode: 'MU', mu: Float64Array.of(3, 4), i0: null },
    });
    const { mu, ...rest } = good;
    expect(readJsonScan(JSON.stringify({ ...rest, i0: mu, it: mu }), 'f')).toMatchObject({
      mode: 'TRANSMISSION',
    });
    expect(readJsonScan(JSON.stringify({ ...rest, i0: mu, if: mu }), 'f')).toMatchObject({
      mode: 'FLUORESCENCE',
    });
  });

  test.each([
    ['nothing', /^f: line 1: Expected a JSON object/],
    ['{}', /Expected element/],
    [JSON.stringify({ ...good, energyEv: ['x'] }), /Expected energyEv\.0/],
    [JSON.stringify({ ...good, mode: 'xray' }), /Expected mode/],
    ['[1]', /Expected a scan/],
  ])('names the field that is wrong: %s', (text, detail) => {
    expect(readJsonScan(text, 'f: line 1')).toMatchObject({
      reason: 'malformed-json',
      detail: expect.stringMatching(detail),
    });
  });
});
