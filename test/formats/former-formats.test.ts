import { expect, test } from '@jest/globals';
import type { FileOptions } from '../../src/formats/columns.ts';
import { readScanFile } from '../../src/formats/read-scan-file.ts';
import { isReject } from '../../src/messages/reject.ts';

// Files as programs of the 1980s to 2000s write them, with a few points that are made up.

const HC_EV_ANGSTROM = 12_398.419_84;
const evAt = (degrees: number, dSpacing: number) =>
  HC_EV_ANGSTROM / (2 * dSpacing * Math.sin((degrees * Math.PI) / 180));

const lines = (...text: readonly string[]) => Buffer.from(text.join('\n'));

function read(bytes: Buffer, options: FileOptions = {}, name = 'a.dat') {
  const file = readScanFile(bytes, name, options);
  if (isReject(file)) return `${file.reason}: ${file.detail}`;
  return { ...file.candidates[0]!, modes: file.candidates.map(({ mode }) => mode), notes: file.notes };
}
const channel = (...values: readonly number[]) => Float64Array.from(values);

test('the SRS: angles of Si(111), a detector of nine elements over lines of their own', () => {
  const text = lines(
    ' &SRS',
    ' SRSRUN=66946,SRSDAT=061017,SRSTIM=025327,',
    " SRSSTN='ex1a',SRSPRJ='xrsws7p1',SRSEXP='exafs   ',",
    " SRSTLE='cobalt on clay                                              '",
    ' &END',
    '     15220.00      1000.00     56530.00    139792.00      4731.00   3805647.00',
    '      1906.00       1147.00       1678.00          0.00 ',
    '         0.00          0.00          0.00          0.00 ',
    '         0.00',
    '     14820.00      1000.00     56200.00    149410.00      9426.00   3812517.00',
    '      3756.00       2091.00       3579.00          0.00 ',
    '         0.00          0.00          0.00          0.00 ',
    '         0.00',
    ' END OF DATA',
    ' SRSEND',
  );
  expect(read(text, { element: 'Co' })).toMatchObject({
    ...{ element: 'Co', modes: ['FLUORESCENCE', 'TRANSMISSION'] },
    energyEv: channel(evAt(15.22, 3.13543), evAt(14.82, 3.13543)),
    ...{ i0: channel(56_530, 56_200), if: channel(4731, 9426) },
    notes: ['the angles are taken as those of Si(111)'],
  });
});

test('the SRS: a scan without a detector of several elements, and one that was aborted', () => {
  const point = (angle: number) => `     ${angle}.00      1000.00     100.00    50.00      4.00   7.00`;
  const scan = read(lines(' &SRS', ' &END', point(15_220), point(14_820), ' DATA ABORTED', 'nonsense'), {
    element: 'Co',
  });
  expect(scan).toHaveProperty('energyEv.length', 2);
});

test('the SRS in soft X-rays: comments behind a C name the columns, and signals that say nothing are asked for', () => {
  const text = lines(
    ' &SRS',
    " SRSTLE='zeolite'",
    ' &END',
    ' C-----------------------------------------------',
    ' C                       SCANS:12    REGIONS: 6',
    ' C REGION  1:   11   1550.000     1.000  1561.000     1.333 88000010. 88000010.',
    ' C   ENERGY         TIME       REFER      SIGNAL1      SIGNAL2      SIGNAL3      ENCODER',
    '    1550.001         1.33        7278.       11553.          13.           0.   -275136.',
    '    1570.991         1.33        7363.       11402.         120.           0.   -275552.',
    ' END OF DATA',
  );
  expect(read(text, { element: 'Al' })).toMatch(/^missing-channel: .*signal1, signal2/);
  expect(read(text, { element: 'Al', if: 'signal2' })).toMatchObject({
    ...{ energyEv: channel(1550.001, 1570.991), i0: channel(7278, 7363), if: channel(13, 120) },
  });
});

test("Lytle's database: steps of the monochromator, and numbers that run into each other", () => {
  const text = lines(
    ' NPTS  NS CUEDGE  CUHITE   DSPACE  STPDEG  STEPMM  START    STOP     SCALE',
    '  480   4  84294. 200000. 1.92017   4000.   3150.  85290.  74500.    2.000',
    '  DELTA:     50.      8.     16.     32.     46.',
    ' DELEND:  84788.  83804.  81216.  76752.  71076.',
    '    SEC:   2.000   2.000   2.000   2.000   2.000',
    ' OFFSET: 1830. 1937.  366.  851.    4.    6.',
    '5% CU/CAB IN H2 AT 40C                                            7   9  6-10-83',
    '    85290. 2.17205E+05 1.49807E+04 2.55340E+03 4.20569E+04',
    '    84294. 2.17414E+05-1.50367E+04 2.52190E+03 4.21724E+04',
    '',
  );
  const scan = read(text, { element: 'Cu' });
  expect(scan).toMatchObject({
    energyEv: channel(evAt(85_290 / 4000, 1.92017), evAt(84_294 / 4000, 1.92017)),
    ...{ i0: channel(217_205, 217_414), if: channel(2553.4, 2521.9) },
    ...{ it: channel(14_980.7, -15_036.7), iReference: channel(42_056.9, 42_172.4) },
  });
  // CUEDGE is where the monochromator saw the edge of copper.
  expect((scan as { energyEv: Float64Array }).energyEv[1]).toBeCloseTo(8979, 0);
});

test('X10C: the edge of its segments names the absorber, zero bytes and minus signs are no matter', () => {
  const text = lines(
    'EXAFS     25-SEP-2002 16:23:41.15                         \0\0\0\0FIXEDSCAN         ',
    '1.5%Ni/Al2O3                                    ',
    'I0PRE-8,I0-8 ,I1-8,I2-9,MIRROR FDBK -7                                ',
    ' NPTS  NCHAN  NSEGS  SWEEP OF    NUMRUN',
    '        547         6         3         0         0         7',
    ' SEGMENT PARAMETERS                                                             ',
    '    8153.000      5.000     34.000      2.000   8318.000   8333.000',
    '      2.000      0.000',
    ' EZERO',
    '    2440.000',
    ' DATA START                                                                     ',
    '   8153.000 5.24289E+05 3.98900E+03 3.39370E+04-1.00000E+00 5.56400E+03 8.70200E+03 0.00000E+00',
    '   8343.000 5.24289E+05 3.98500E+03 3.39580E+04 0.00000E+00 4.60100E+03 8.76000E+03 0.00000E+00',
  );
  expect(read(text)).toMatchObject({
    ...{ element: 'Ni', edge: 'K', mode: 'TRANSMISSION', notes: ['the comments name Ni K'] },
    ...{ energyEv: channel(8153, 8343), i0: channel(33_937, 33_958) },
    ...{ it: channel(5564, 4601), iReference: channel(8702, 8760) },
  });
});

test('the LNLS: names in Portuguese, dates and hours in columns', () => {
  const names =
    '"Data"\t"Hora"\t"Energia"\t"Curta"\t"Longa"\t"Media"\t"Ge15"\t"Amostra"\t"Referencia"\t"Fluorescencia"';
  const text = lines(
    names,
    '04/07/12\t13:24:15\t6919.9999\t214577\t1\t1\t619\t12.2764239\t0.0000000\t2.88474534E-03',
    '04/07/12\t13:24:16\t7120.4998\t217479\t1\t1\t6760\t12.2898576\t0.0000000\t3.10834609E-02',
  );
  expect(read(text, { element: 'Fe' })).toMatchObject({
    ...{ mode: 'FLUORESCENCE', energyEv: channel(6919.9999, 7120.4998) },
    ...{ i0: channel(214_577, 217_479), if: channel(619, 6760) },
  });
});

/** A file of SSRL's Data Collector in binary. */
function ssrlFile(version: string, columns: readonly string[], rows: readonly (readonly number[])[]): Buffer {
  const text = (content: string, bytes: number) => `${content.padEnd(bytes - 2).slice(0, bytes - 2)}\n\0`;
  const head = [
    ...[`SSRL - EXAFS Data Collector ${version}`, 'Tue Jun 13 18:10:34 1995'].map((each) => text(each, 40)),
    ...[`PTS: ${rows.length} COLS: ${columns.length}`, 'TRANS.DET', 'MOK242.RGN'].map((each) =>
      text(each, 40),
    ),
    ...[text('7-3 unfocused', 80), text('4 2000 25 RST 0 0', 40), text('Fe foil', 80)],
    ...Array.from({ length: 5 }, () => text('', 80)),
  ].join('');
  const floats = (values: readonly number[]) => {
    const bytes = Buffer.alloc(4 * values.length);
    for (const [i, value] of values.entries()) {
      if (Number(version) >= 2) bytes.writeFloatLE(value, 4 * i);
      else {
        const own = Buffer.alloc(4);
        own.writeFloatLE(4 * value);
        for (const [k, from] of [2, 3, 0, 1].entries()) bytes[4 * i + k] = own[from]!;
      }
    }
    return bytes;
  };
  return Buffer.concat([
    Buffer.from(head.padEnd(800, '\0'), 'latin1'),
    floats(columns.map(() => 0)),
    floats(columns.map(() => 1)),
    Buffer.from(columns.map((name) => text(name, 20)).join(''), 'latin1'),
    Buffer.alloc(16),
    floats(rows.flat()),
    Buffer.alloc(160),
  ]);
}
const SSRL_COLUMNS = ['Real time clock', 'Requested energy', 'Achieved energy', 'I0', 'I1', 'I2'];
const SSRL_ROWS = [
  [2, 7000, 7000.5, 260_703.5, 87_084.75, 189_393.75],
  [2, 7150, 7150.25, 287_509.5, 48_835.5, 208_202.75],
];

test.each(['1.1', '2.0'])(
  "SSRL's Data Collector %s in binary: floats of a VAX, and of IEEE 754",
  (version) => {
    expect(read(ssrlFile(version, SSRL_COLUMNS, SSRL_ROWS), { element: 'Fe' })).toMatchObject({
      ...{ mode: 'TRANSMISSION', energyEv: channel(7000.5, 7150.25), i0: channel(260_703.5, 287_509.5) },
      ...{ it: channel(87_084.75, 48_835.5), iReference: channel(189_393.75, 208_202.75) },
    });
  },
);

test("SSRL's Data Collector in binary: windows of a detector are summed; a file that was cut off", () => {
  const columns = ['Achieved energy', 'I0', 'SCA1CH1', 'SCA1CH2', 'ICR1'];
  const rows = [
    [7000, 10, 1, 2, 9],
    [7150, 10, 3, 4, 9],
  ];
  const whole = ssrlFile('2.0', columns, rows);
  expect(read(whole, { element: 'Fe' })).toMatchObject({ mode: 'FLUORESCENCE', if: channel(3, 7) });
  const cut = whole.subarray(0, whole.length - 160 - 4);
  expect(read(cut, { element: 'Fe' })).toMatchObject({
    energyEv: channel(7000),
    notes: ['the file ends after 1 of its 2 points', 'fluorescence is the sum of sca1ch1, sca1ch2'],
  });
  expect(read(whole.subarray(0, 960), { element: 'Fe' })).toBe(
    'malformed-file: a.dat: Expected 2 points of 5 numbers, got 960 bytes',
  );
});

/** A file of X15B: records with their length before and behind them. */
function x15bFile(rows: readonly (readonly number[])[]): Buffer {
  const record = (length: number, fill: (bytes: Buffer) => void) => {
    const bytes = Buffer.alloc(length);
    bytes.writeInt32LE(length, 0);
    bytes.writeInt32LE(length, length - 4);
    fill(bytes);
    return bytes;
  };
  return Buffer.concat([
    record(212, (bytes) => void bytes.write('MT 9/23/04', 8, 'latin1')),
    ...rows.map((row) =>
      record(64, (bytes) => row.forEach((value, i) => void bytes.writeFloatLE(value, 4 + 4 * i))),
    ),
  ]);
}

test('X15B in binary: I0 and the counts of the germanium detector', () => {
  const row = (energy: number, i0: number, counts: number) => {
    return [
      energy,
      0.25,
      0,
      0.15,
      i0,
      0.15,
      counts / 20,
      counts,
      counts / 3,
      counts / 2,
      counts / 12,
      0.15,
      0.15,
      4,
    ];
  };
  const bytes = x15bFile([row(2400.5, 65_009, 763), row(2477, 72_651, 30_103)]);
  expect(read(bytes, { element: 'S' })).toMatchObject({
    ...{ mode: 'FLUORESCENCE', energyEv: channel(2400.5, 2477) },
    ...{ i0: channel(65_009, 72_651), if: channel(763, 30_103) },
  });
  expect(read(bytes.subarray(0, bytes.length - 3), { element: 'S' })).toMatchObject({
    energyEv: channel(2400.5),
    notes: ['the last point is broken off and left out'],
  });
  bytes.writeInt32LE(60, 212 + 64);
  expect(read(bytes, { element: 'S' })).toBe(
    'malformed-file: a.dat: byte 276: Expected a record of 64 bytes, got 60',
  );
});
