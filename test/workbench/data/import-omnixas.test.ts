import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readSites } from '../../../workbench/data/dataset.ts';
import { gzipLines } from '../../../workbench/data/gzip-lines.ts';
import { importOmnixas } from '../../../workbench/data/import-omnixas.ts';
import { makeLabels, readLabelIndex, readLabels } from '../../../workbench/data/make-labels.ts';

const root = mkdtempSync(join(tmpdir(), 'omnixas-'));
afterAll(() => rmSync(root, { recursive: true }));

const XMU = `# # comment: FEFF 9
#  omega    e    k    mu    mu0     chi     @#
    8983.5625    -13.531  -1.000  1.015625E+00  5.51098E-02 -9.47408E-03
    8985.846     -13.233  -0.960  5.50000E-05  5.91886E-02 -1.09525E-02
    9010.000     -12.946  -0.920  1.00000E+00  6.37300E-02 -1.26905E-02
`;
const COPPER =
  '{"id":"mp-1_000","material":"mp-1","formula":"CuO","element":"Cu","edge":"K","source":"OmniXAS FEFF9",' +
  '"energyEv":[8983.562,8985.846,9010.0],"mu":[1.01562,5.5e-05,1.0],' +
  '"labels":{"OS":2,"CN":4,"MOOD":2.50},"neighbours":["O","O"]}';
// Twenty columns, of which the first four and the last three repeat a value: these are cut off.
const COLUMNS = '0.1 0.1 0.1 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1 1.1 1.2 1.3 1.4 1.5 1.5 1.5';
const OTHER = COLUMNS.replaceAll('0.1', '0');
const COBALT =
  '{"id":"mp-2_003","material":"mp-2","formula":null,"element":"Co","edge":"K","source":"OmniXAS FEFF9",' +
  '"energyEv":[7710.282,7710.532,7710.782,7711.032,7711.282,7711.532,7711.782,7712.032,7712.282,7712.532,7712.782,' +
  '7713.032,7713.282],' +
  // 0.2 to 1.4 over 0.984 * 1.0613
  '"mu":[0.19151,0.28727,0.38302,0.47878,0.57454,0.67029,0.76605,0.86181,0.95756,1.0533,1.1491,1.2448,1.3406],' +
  '"labels":{"OS":null,"CN":6},"labelSource":"decoded","confidence":{"CN":1.0},"decoded":{"OS":2}}';
const SETS = { 'cu-feff9': COPPER, 'tm-feff9': COBALT };

let folder = '';
const at = (...path: string[]) => join(folder, ...path);
const xmu = () => at('checkout/tutorial_omnixas/FEFF/Cu/mp-1/FEFF-XANES/000_Cu/xmu.dat');
const table = (part: string) => at(`checkout/tutorial_omnixas/ml_data/Co_FEFF_${part}_y.txt`);
const ids = (part: string) => at(`checkout/tutorial_omnixas/material_id_and_site/Co_FEFF_${part}.txt`);

function write(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

beforeEach(() => {
  folder = mkdtempSync(join(root, 'case-'));
  write(xmu(), XMU);
  write(ids('val'), 'mp-9_001\n');
  write(table('val'), `${OTHER}\n`);
  write(ids('test'), 'mp-2_003\nmp-9_002\n');
  write(table('test'), `${COLUMNS}\n${OTHER}\n`);
  // Every part has the one site of its set: names matter here, not numbers.
  for (const [set, line] of Object.entries(SETS)) {
    for (const part of ['train', 'val', 'test'])
      write(at(`sets/${set}/${part}.jsonl.gz`), gzipLines(`${line}\n`, `${part}.jsonl`));
  }
  makeLabels(at('sets'), at('labels'), { repository: 'here', commit: 'abcdef0123' });
});

const said: string[] = [];
const run = (allowMissing = false) => {
  said.length = 0;
  return importOmnixas({
    checkout: at('checkout'),
    labels: at('labels'),
    out: at('out'),
    allowMissing,
    say: (line) => said.push(line),
  });
};

describe('importOmnixas', () => {
  test('makes the sets again that the labels were made of, to the byte', () => {
    expect(run()).toBe(0);
    for (const { file } of readLabelIndex(at('labels')).files)
      expect(readFileSync(at('out', file)).equals(readFileSync(at('sets', file)))).toBe(true);
    const [cobalt] = readSites(at('out/tm-feff9/test.jsonl.gz'));
    expect(cobalt).toMatchObject({ id: 'mp-2_003', decoded: true, labels: { CN: 6 } });
    expect([...cobalt!.energyEv.slice(0, 2)]).toEqual([7710.282, 7710.532]);
    expect(said).toContain('tm-feff9/test.jsonl.gz: read 1 of 1');
    expect(said.at(-1)).toMatch(/test\.jsonl\.gz: 1 spectra, sha256 [0-9a-f]{12} as in training$/);
  });

  test('labels hold no spectrum, but a checksum of it', () => {
    for (const file of readLabelIndex(at('labels')).files) {
      const [line] = readLabels(at('labels'), file);
      expect(line).not.toMatch(/energyEv|"mu"/);
      expect(JSON.parse(line!).spectrum).toMatch(/^[0-9a-f]{8}$/);
    }
  });

  test('names the file that is not there and the id that needs it, and writes nothing', () => {
    rmSync(xmu());
    expect(() => run()).toThrow(`not found: ${xmu()} (for mp-1_000)`);
    expect(() => run()).toThrow(
      '3 of 6 spectra are missing: nothing was written; --allow-missing writes the others',
    );
    expect(existsSync(at('out'))).toBe(false);
  });

  test('writes what is there where that is asked for, and says how much is not', () => {
    rmSync(table('test'));
    expect(run(true)).toBe(3);
    expect(said).toContainEqual(expect.stringContaining(`not found: ${table('test')} (for mp-2_003)`));
    expect(said).toContainEqual(expect.stringContaining('3 of 6 spectra are missing'));
    expect(readSites(at('out/cu-feff9/test.jsonl.gz'))).toHaveLength(1);
    expect(readSites(at('out/tm-feff9/test.jsonl.gz'))).toHaveLength(0);
  });

  test('a site that no table has is missing', () => {
    write(ids('test'), 'mp-3_003\nmp-9_002\n');
    expect(() => run()).toThrow('mp-2_003 is in no table of Co');
  });

  test('a spectrum that is another than the label was made for is missing', () => {
    write(xmu(), XMU.replace('5.50000E-05', '5.60000E-05'));
    expect(() => run()).toThrow('mp-1_000 has another spectrum than at commit abcdef01');
  });

  test('what is no number, and a table that does not fit its ids, is named', () => {
    write(xmu(), XMU.replace('5.50000E-05', '*******'));
    expect(() => run()).toThrow(`Expected at least 4 numbers in ${xmu()}, line 4, got 8985.846`);
    write(xmu(), XMU);
    write(ids('val'), 'mp-9_001\nmp-9_004\n');
    expect(() => run()).toThrow(`Expected as many rows in ${table('val')} as ids in ${ids('val')}, 2, got 1`);
  });

  test('a folder that is no checkout, and labels that are not there, are named', () => {
    rmSync(at('checkout/tutorial_omnixas'), { recursive: true });
    expect(() => run()).toThrow(
      `Expected a checkout of OmniXAS, with a folder tutorial_omnixas, at ${at('checkout')}`,
    );
    rmSync(at('checkout'), { recursive: true });
    expect(() => run()).toThrow(`Expected a checkout of OmniXAS at ${at('checkout')}: git clone https://`);
    mkdirSync(at('checkout/tutorial_omnixas'), { recursive: true });
    rmSync(at('labels'), { recursive: true });
    expect(() => run()).toThrow(`Expected labels with ${at('labels/omnixas.json')}: give --labels`);
  });
});

test('the command ends with one line and a code where something is missing', async () => {
  const command = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, [
      '--import',
      'tsx',
      'workbench/main.ts',
      'import-omnixas',
      ...args,
    ]);
  const flags = ['--checkout', at('checkout'), '--labels', at('labels'), '--out', at('out')];
  const { stderr } = await command(...flags);
  expect(stderr).toContain(`${at('out/cu-feff9/val.jsonl.gz')}: 1 spectra`);
  rmSync(xmu());
  await expect(command(...flags)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /3 of 6 spectra are missing: nothing was written; --allow-missing writes the others\n$/,
    ),
  });
  expect((await command(...flags, '--allow-missing')).stderr).toContain('3 of 6 spectra are missing\n');
  await expect(command()).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Expected --checkout'),
  });
});
