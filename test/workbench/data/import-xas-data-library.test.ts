import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sha256 } from '../../../src/common/sha256.ts';
import { importXasDataLibrary, readLibraryFiles } from '../../../workbench/data/import-xas-data-library.ts';
import { kindOf, readManifest, readStandard } from '../../../workbench/measured/manifest.ts';

const root = mkdtempSync(join(tmpdir(), 'xas-data-library-'));
afterAll(() => rmSync(root, { recursive: true }));

let folder = '';
const at = (...path: string[]) => join(folder, ...path);
const XDI = `# XDI/1.0
# Element.symbol: Cu
# Element.edge: K
# Column.1: energy eV
# Column.2: mutrans
#---
8950.0 0.1
8980.0 0.5
9010.0 1.1
`;

beforeEach(() => {
  folder = mkdtempSync(join(root, 'case-'));
  const labels = ['CuO', 'Cu2O'].map((compound, i) => {
    const file = at(`checkout/data/Cu/${compound}.xdi`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, XDI.replace('0.1', `0.${i + 1}`));
    return {
      ...{
        file: `Cu/${compound}.xdi`,
        element: 'Cu',
        compound,
        oxidationState: 2 - i,
        coordinationNumber: 4,
      },
      ...{ neighbour: 'O', note: '', path: `data/Cu/${compound}.xdi`, sha256: sha256(readFileSync(file)) },
    };
  });
  writeFileSync(at('measured.json'), JSON.stringify(labels));
});

const run = (allowMissing = false) =>
  importXasDataLibrary({
    checkout: at('checkout'),
    labels: at('measured.json'),
    out: at('out'),
    allowMissing,
    say: () => {},
  });

describe('importXasDataLibrary', () => {
  test('makes the folder that measured reads', () => {
    run();
    const standards = readManifest(at('out'));
    expect(standards.map(kindOf)).toEqual(['oxide', 'oxide']);
    expect(readStandard(at('out'), standards[1]!)).toMatchObject({ element: 'Cu', edge: 'K' });
    const file = 'Cu/Cu2O.xdi';
    expect(readFileSync(at('out', file), 'utf8')).toBe(readFileSync(at('checkout/data', file), 'utf8'));
  });

  test('names what is not there, and what is not as it was, and writes nothing', () => {
    rmSync(at('checkout/data/Cu/CuO.xdi'));
    writeFileSync(at('checkout/data/Cu/Cu2O.xdi'), 'another');
    expect(() => run()).toThrow(`not found: ${at('checkout/data/Cu/CuO.xdi')} (for Cu/CuO.xdi)`);
    expect(() => run()).toThrow(`${at('checkout/data/Cu/Cu2O.xdi')} has not the sha256`);
    expect(() => run()).toThrow('2 of 2 spectra are missing: nothing was written');
    expect(existsSync(at('out'))).toBe(false);
  });

  test('writes what is there where that is asked for: no other file is in the manifest', () => {
    rmSync(at('checkout/data/Cu/CuO.xdi'));
    run(true);
    expect(readdirSync(at('out/Cu'))).toEqual(['Cu2O.xdi']);
    expect(readManifest(at('out')).map(({ file }) => file)).toEqual(['Cu/Cu2O.xdi']);
  });

  test('a folder that is no checkout, and labels that are not there, are named', () => {
    rmSync(at('checkout'), { recursive: true });
    expect(() => run()).toThrow(
      `Expected a checkout of the XAS Data Library, with a folder data, at ${at('checkout')}`,
    );
    expect(() => readLibraryFiles(at('none.json'))).toThrow(
      `Expected labels of measured files at ${at('none.json')}`,
    );
  });
});
