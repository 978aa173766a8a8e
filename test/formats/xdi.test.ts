import { describe, expect, test } from '@jest/globals';
import { readXdi } from '../../src/formats/xdi.ts';
import { isReject } from '../../src/messages/reject.ts';
import type { Scan } from '../../src/messages/scan.ts';

const HEADER = ['# XDI/1.0 GSE/1.0', '# Element.symbol: Co', '# Element.edge: K'];

function file(columns: readonly string[], rows: readonly string[], more: readonly string[] = []): string {
  const named = columns.map((column, i) => `# Column.${i + 1}: ${column}`);
  return [
    ...HEADER,
    ...named,
    ...more,
    '# ///',
    '# a comment',
    '#----',
    `# ${columns.join(' ')}`,
    ...rows,
  ].join('\n');
}

function scanOf(text: string): Scan {
  const scan = readXdi(text, 'a.xdi');
  if (isReject(scan)) throw new Error(scan.detail);
  return scan;
}

describe('readXdi', () => {
  test('reads transmission with its reference foil, whatever the order of the columns', () => {
    const text = file(
      ['itrans', 'energy eV || 13BMA:E:Energy.VAL', 'irefer', 'i0 counts'],
      ['50 7700.5 20 100', '51 7701.5 21 101'],
      [
        '# Sample.name: LiCoO2 pellet',
        '# Sample.reference: Co foil',
        '# Beamline.name: 13-BM-D',
        '# Scan.start_time: 2005-07-24 05:36:09',
        '# Scan.end_time: 2005-07-24T05:55:43+02:00',
      ],
    );
    expect(scanOf(text)).toMatchObject({
      element: 'Co',
      edge: 'K',
      mode: 'TRANSMISSION',
      energyEv: Float64Array.of(7700.5, 7701.5),
      i0: Float64Array.of(100, 101),
      it: Float64Array.of(50, 51),
      iReference: Float64Array.of(20, 21),
      mu: null,
      if: null,
      sampleId: 'LiCoO2 pellet',
      beamline: '13-BM-D',
      startedAtMs: Date.UTC(2005, 6, 24, 5, 36, 9),
      endedAtMs: Date.UTC(2005, 6, 24, 3, 55, 43),
      origin: 'REPLAY',
      metadata: { file: 'a.xdi', 'sample.name': 'LiCoO2 pellet' },
    });
  });

  test.each(['none', 'Mn filter'])(
    'leaves out a reference channel with no foil before it: %s',
    (reference) => {
      const text = file(
        ['energy', 'i0', 'itrans', 'irefer'],
        ['1 2 3 4', '2 3 4 5'],
        [`# Sample.reference: ${reference}`],
      );
      expect(scanOf(text).iReference).toBeNull();
    },
  );

  test('reads fluorescence, mu, and mu of the reference', () => {
    expect(scanOf(file(['energy', 'i0', 'ifluor'], ['1 2 3', '2 3 4']))).toMatchObject({
      mode: 'FLUORESCENCE',
      if: Float64Array.of(3, 4),
      it: null,
    });
    expect(scanOf(file(['energy', 'mutrans', 'murefer'], ['1 2 3', '2 3 4']))).toMatchObject({
      mode: 'MU',
      mu: Float64Array.of(2, 3),
      muReference: Float64Array.of(3, 4),
    });
    expect(scanOf(file(['energy', 'mufluor'], ['1 2', '2 3'])).mu).toEqual(Float64Array.of(2, 3));
  });

  test('prefers intensities to a mu that was made of them', () => {
    expect(scanOf(file(['energy', 'i0', 'itrans', 'mutrans'], ['1 2 3 4', '2 3 4 5'])).mode).toBe(
      'TRANSMISSION',
    );
  });

  test('turns keV and angles into eV, and a scan that went downwards around', () => {
    expect(scanOf(file(['energy keV', 'mutrans'], ['7.7 1', '7.8 2'])).energyEv).toEqual(
      Float64Array.of(7700, 7800),
    );
    const angles = scanOf(
      file(['angle degrees', 'mutrans'], ['14.3 1', '14.2 2'], ['# Mono.d_spacing: 3.13555']),
    );
    expect(angles.energyEv[0]).toBeCloseTo(
      12_398.419_84 / (2 * 3.13555 * Math.sin((14.3 * Math.PI) / 180)),
      6,
    );
    const down = scanOf(
      file(['angle degrees', 'mutrans'], ['14.2 1', '14.3 2'], ['# Mono.d_spacing: 3.13555']),
    );
    expect(down.energyEv).toEqual(angles.energyEv);
    expect(down.mu).toEqual(Float64Array.of(2, 1));
  });

  test('takes the columns from the last comment where the header names none', () => {
    const text = [...HEADER, '# ///', '#----', '#  energy  itrans  i0', ' 1 2 3', ' 2 3 4'].join('\r\n');
    expect(scanOf(text)).toMatchObject({ it: Float64Array.of(2, 3), i0: Float64Array.of(3, 4) });
  });

  test('gives a file the same id each time, and another to another', () => {
    const text = file(['energy', 'mutrans'], ['1 2', '2 3']);
    expect(scanOf(text).scanId).toBe(scanOf(text).scanId);
    expect(scanOf(text).scanId).not.toBe(scanOf(`${text}\n3 4`).scanId);
  });

  test('leaves NaN to the checks of the channels', () => {
    expect(scanOf(file(['energy', 'mutrans'], ['1 nan', '2 3'])).mu![0]).toBeNaN();
  });

  const good = file(['energy', 'mutrans'], ['1 2', '2 3']);
  test.each([
    ['', 'a.xdi: line 1: Expected a first line like "# XDI/1.0", got ""'],
    [
      '\u0000\u0001binary',
      'a.xdi: line 1: Expected a first line like "# XDI/1.0", got "\\u0000\\u0001binary"',
    ],
    [
      good.replace('# Element.symbol: Co', '#'),
      'a.xdi: Expected header Element.symbol, got none: name it with --element',
    ],
    [
      good.replace('# Element.edge: K', '#'),
      'a.xdi: Expected header Element.edge, got none: name it with --edge',
    ],
    [`${good}\n3`, 'a.xdi: line 12: Expected 2 numbers, got 1'],
    [`${good}\n3 4,5x`, 'a.xdi: line 12: Expected a number in column 3, got "5x"'],
    [`${good}\n3 4x`, 'a.xdi: line 12: Expected a number in column 2, got "4x"'],
    [file(['energy', 'mutrans'], []), 'a.xdi: Expected lines of numbers after the header, got none'],
    [
      file(['energy', 'i0', 'mutrans'], ['1 2', '2 3']),
      'a.xdi: Expected 3 columns, got 2; is there a decimal comma, or a column without a number?',
    ],
  ])('says what is wrong with a broken file: %#', (text, detail) => {
    expect(readXdi(text, 'a.xdi')).toEqual({ kind: 'reject', reason: 'malformed-xdi', detail });
  });

  test.each([
    [
      file(['k', 'mutrans'], ['1 2', '2 3']),
      'a.xdi: Expected a column energy or angle, got k, mutrans; name it with --energy',
    ],
    [
      file(['energy furlong', 'mutrans'], ['1 2', '2 3']),
      'a.xdi: Expected unit of column energy to be eV or keV, got furlong',
    ],
    [
      file(['angle', 'mutrans'], ['1 2', '2 3']),
      'a.xdi: Expected header Mono.d_spacing (angstrom) for column angle, got none',
    ],
    [
      file(['energy', 'i0'], ['1 2', '2 3']),
      'a.xdi: Expected columns i0 and itrans, i0 and ifluor, mutrans or mufluor, got energy, i0; name them with --energy, --i0, --it, --if or --mu',
    ],
  ])('says which column is missing: %#', (text, detail) => {
    expect(readXdi(text, 'a.xdi')).toEqual({ kind: 'reject', reason: 'missing-channel', detail });
  });
});
