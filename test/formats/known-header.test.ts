import { expect, test } from '@jest/globals';
import type { FileOptions } from '../../src/formats/columns.ts';
import { readScanFile } from '../../src/formats/read-scan-file.ts';
import { isReject } from '../../src/messages/reject.ts';

// Headers as programs of beamlines write them, above numbers that are made up.

const lines = (...text: readonly string[]) => Buffer.from(text.join('\r\n'));

function read(bytes: Buffer, options: FileOptions = {}, name = 'a.001') {
  const file = readScanFile(bytes, name, options);
  if (isReject(file)) return `${file.reason}: ${file.detail}`;
  return { ...file.candidates[0]!, modes: file.candidates.map(({ mode }) => mode), notes: file.notes };
}

test('the Photon Factory: angles by the encoder, counts by their mode, the end of a DOS file', () => {
  const text = (modes: string) =>
    lines(
      '  9809     KEK-PF   BL9A',
      ' Fe010           22.05.11 17:26 - 22.05.11 18:33',
      ' Mono :   Si(111)       D=  3.13551 A    Initial angle= 13.93250 deg',
      ' Block      Init-Eng  Final-Eng      Step/eV     Time/s       Num',
      '     1        6606.20   7061.20         6.50       1.00        70',
      '  Angle(c)  Angle(o)    time/s         2         3',
      `      Mode         0         0         ${modes}`,
      '    Offset         0         0  7753.700  7157.100',
      '  17.41446  17.41440      1.00   1792467     14016      7008',
      '  16.10000  16.10010      1.00   1792467     54016     17008',
      '\u001Anonsense',
    );
  const scan = read(text('1         3       3'), { element: 'Fe' });
  expect(scan).toMatchObject({
    mode: 'FLUORESCENCE',
    if: Float64Array.of(21_024, 71_024),
    notes: ['fluorescence is the sum of roi1, roi2'],
  });
  const hcOver2d = 12_398.419_84 / (2 * 3.13551);
  expect(scan).toHaveProperty(
    'energyEv',
    Float64Array.of(17.4144, 16.1001).map((angle) => hcOver2d / Math.sin((angle * Math.PI) / 180)),
  );
  expect(read(text('1         2       2'), { element: 'Fe' })).toMatchObject({
    mode: 'TRANSMISSION',
    it: Float64Array.of(14_016, 54_016),
    iReference: Float64Array.of(7008, 17_008),
  });
});

test("SSRL's Data Collector: names a line each, energies as they were achieved", () => {
  const scan = read(
    lines(
      'SSRL   EXAFS Data Collector 1.3       ',
      'PTS:        455 COLS:          6',
      '2-3 unfocused  0.000 -2 Si(220) 1.920156   100000',
      'Weights: ',
      ' 1.000  1.000  1.000  1.000  1.000  1.000 ',
      'Data: ',
      ...['Real time clock   ', 'Requested Energy  ', 'Achieved Energy   ', 'I0', 'I1', 'I2', ''],
      ' 1.000  7000.000  7000.998  1473.8  1319.5  240.7',
      ' 1.000  7200.000  7200.012  1467.8  1314.5  240.1',
    ),
    { element: 'Fe' },
  );
  expect(scan).toMatchObject({
    energyEv: Float64Array.of(7000.998, 7200.012),
    it: Float64Array.of(1319.5, 1314.5),
    iReference: Float64Array.of(240.7, 240.1),
  });
});

test('LabVIEW at the APS: names with spaces, cut off at 21 letters', () => {
  const scan = read(
    lines(
      '# 1-D Scan File created by LabVIEW Control Panel  7/9/2019  1:00:29 PM',
      '#                 E0: 6537.67 eV   442 points',
      '# Column Headings:',
      '#Mono Energy (alt) *  Scaler preset time * SIS scaler time presePreKB-I0             It-32                ' +
        'Iref-32              XMAP4:MnKa_Sum       XMAP4:FeKa_Sum       ',
      ' 6400.5 1.0 1.0 5761 8508 811 129 77',
      ' 6700.5 1.0 1.0 5762 8509 812 229 77',
    ),
  );
  expect(scan).toMatchObject({
    element: 'Mn',
    modes: ['FLUORESCENCE', 'TRANSMISSION'],
    i0: Float64Array.of(5761, 5762),
    if: Float64Array.of(129, 229),
    notes: ['the comments name Mn K', 'fluorescence is the sum of xmap4:mnka_sum'],
  });
});

test('the Canadian Light Source', () => {
  const names = ['Event-ID', 'BL1606-ID-1:Energy', 'MONO:Energy:fbk', 'MONO:Energy:sp'];
  const counters = ['mcs03', 'mcs04', 'mcs05', 'mcs06'].map((each) => `BL1606-ID1:${each}:fbk`);
  const quoted = [...names, ...counters].map((name) => `"${name}"`).join('\t');
  const scan = read(
    lines(
      '# CLS Data Acquisition',
      `#(1)\t${quoted}`,
      '#(2)\t"BL1606-ID1:mcs:background"',
      '1, 11667.000, 11667.001, 11667.1, 14965.00, 180725.00, 297589.00, 410949.00',
      '1, 12000.000, 12000.001, 12000.1, 94965.00, 180725.00, 197589.00, 310949.00',
    ),
    { element: 'As' },
  );
  expect(scan).toMatchObject({
    energyEv: Float64Array.of(11_667.1, 12_000.1),
    i0: Float64Array.of(180_725, 180_725),
    if: Float64Array.of(14_965, 94_965),
    modes: ['FLUORESCENCE', 'TRANSMISSION'],
  });
});

test('EPICS at GSECARS: one region a detector, that of the absorber', () => {
  const scan = read(
    lines(
      '; Epics Scan 1 dimensional scan',
      ';   E0 =       9659.00',
      '; P1 = {Energy} --> 13BMA:E:Energy.VAL',
      '; D1 = {I0}  --> 13BMD:scaler1_calc2.VAL',
      '; D2 = {Zn Ka}  --> 13GE2:med:mca1.R4',
      '; D3 = {Cu Ka}  --> 13GE2:med:mca1.R5',
      '; D4 = {Zn Ka}  --> 13GE2:med:mca2.R4',
      ';  P1 D1 D2 D3 D4',
      ' 9509.0 100 1 9 3',
      ' 9809.0 101 2 9 5',
    ),
  );
  expect(scan).toMatchObject({ element: 'Zn', if: Float64Array.of(4, 7) });
});

test('FIO of DESY: counters of an EXAFS scan', () => {
  const columns = ['CU_0001', 'CU_0001', 'CU_0001_REF', 'CU_0001_C1', 'CU_0001_C2', 'CU_0001_C3'];
  const text = lines(
    '!',
    '! Comments ',
    '%c ',
    ' EXAFS-Scan started at 25-Nov-2004 14:07:32  ',
    '%d ',
    ...columns.map((name, i) => ` Col ${i + 1} ${name}  FLOAT `),
    '       8799.992    -0.57      1.49        269264        480161        107595   ',
    '       9002.008    -0.57      1.49        269149        280266        117760   ',
  );
  expect(read(text, { element: 'Cu' }, 'Cu_lnt1.fio')).toMatchObject({
    energyEv: Float64Array.of(8799.992, 9002.008),
    i0: Float64Array.of(269_264, 269_149),
    it: Float64Array.of(480_161, 280_266),
    iReference: Float64Array.of(107_595, 117_760),
  });
});

test('P65, whose files are called XDI and are none: the absorber by the name of the file', () => {
  const scan = read(
    lines(
      '# PETRA III Extension Beamline P65',
      '# File format xdi, for information see: https://www.ncbi.nlm.nih.gov/pmc/articles/PMC4971576/',
      '#enc_energy mono_energy time_pp VFC01 VFC02 VFC03 VFC04',
      '7000.1 7000.0 0.1 2.6 1.8 0.3 0.67',
      '7200.1 7200.0 0.1 2.6 0.9 0.1 1.67',
    ),
    {},
    '/data/20K_GOE_Fe_K_240.00001.xdi',
  );
  expect(scan).toMatchObject({
    element: 'Fe',
    energyEv: Float64Array.of(7000.1, 7200.1),
    modes: ['FLUORESCENCE', 'TRANSMISSION'],
    notes: ["the file's name says Fe K"],
  });
});

test('MRCAT: the E0 of a calibration far from the energies is not the absorber', () => {
  const scan = read(
    lines(
      'MRCAT_XAFS V0.3 Datafile',
      'E0= 21044.00',
      'Mn edge Hausmannite, Mn3O4',
      '-'.repeat(40),
      '   energy     mcs3     mcs4     mcs5     mcs6 ',
      ' 6339.8026  189000 84120 54940 20',
      ' 6700.0048  188880 44080 54980 0',
    ),
  );
  expect(scan).toMatchObject({
    element: 'Mn',
    i0: Float64Array.of(189_000, 188_880),
    it: Float64Array.of(84_120, 44_080),
    iReference: Float64Array.of(54_940, 54_980),
  });
});

test('XDAC with a detector of two elements: counts that came in over those that were counted', () => {
  const scan = read(
    lines(
      'XDAC V1.4 Datafile V1',
      'Diffraction element= Si (311).  Ring energy= 2.80 GeV',
      'E0= 7112.00',
      '-'.repeat(80),
      '  Energy  I0  It  Ifch1  Ifch2  Ifslow1  Ifslow2  Iffast1  Iffast2  Iref',
      '6912  4484  3516  10  20  1000  1000  2000  1500  90',
      '7162  4462  3513  30  40  1000  0     2000  1500  91',
    ),
  );
  expect(scan).toMatchObject({ element: 'Fe', if: Float64Array.of(20 + 30, 60 + 40) });
});

test('numbers before the names of columns, and energies in keV by such a name', () => {
  const scan = read(
    lines(
      '#S Scan 29; exafsscan ',
      '#C exafs_edge_energy 6.539',
      '#C 1_Energy (keV) 2_sec 3_i0 4_i1',
      '6.339 1 197525 81565.6',
      '6.744 1 197509 22077.4',
    ),
  );
  expect(scan).toMatchObject({ element: 'Mn', energyEv: Float64Array.of(6339, 6744) });
});

test('a number of points above the table, and days beside the numbers', () => {
  const rows = Array.from({ length: 6 }, (_, i) => `04/07/12\t13:24:1${i}\t${7000 + 50 * i}\t${100 - i}`);
  const text = lines('"Data"\t"Hora"\t"Energia"\t"I0"', ' 601 ', ...rows);
  expect(read(text, { element: 'Fe', mu: '4' })).toMatchObject({
    energyEv: Float64Array.of(7000, 7050, 7100, 7150, 7200, 7250),
    mu: Float64Array.of(100, 99, 98, 97, 96, 95),
  });
});

test('an absorber that nothing names: the edges that the energies cover', () => {
  expect(read(lines('# energy mu', '7000 1', '7250 2'))).toBe(
    'malformed-file: a.001: Expected the file to name its absorber, got none: name it with --element; ' +
      'its energies cover the K edge of Fe (7112 eV)',
  );
});

test('columns without names are named by their numbers', () => {
  expect(read(lines('7000 1 2', '7250 2 3'), { element: 'Fe' })).toBe(
    'missing-channel: a.001: Expected a column energy or angle, got column 1, column 2, column 3; ' +
      'name it with --energy',
  );
});
