import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FatalError } from '../../src/common/errors.ts';
import { roundDecimals, roundSignificant } from './round-half-even.ts';
import type { Spectrum } from './spectrum-text.ts';

type Wanted = { readonly id: string; readonly element: string };
/** What is not there, in a sentence. */
export type Missing = { readonly missing: string };
export type SpectrumOf = (site: Wanted) => Spectrum | Missing;

const TUTORIAL = 'tutorial_omnixas';
export const OMNIXAS_REPOSITORY = 'https://github.com/AI-multimodal/OmniXAS';

/**
 * The tables of the other metals: energy of the first column, eV, and the edge step that the values are divided
 * by, since the repository scales them by element. Columns are STEP_EV apart.
 */
const TABLES: Readonly<Record<string, { readonly startEv: number; readonly edgeStep: number }>> = {
  Ti: { startEv: 4964.504, edgeStep: 0.984 * 1.7037 },
  V: { startEv: 5464.097, edgeStep: 0.984 * 1.5208 },
  Cr: { startEv: 5989.168, edgeStep: 0.984 * 1.3944 },
  Co: { startEv: 7709.282, edgeStep: 0.984 * 1.0613 },
  Ni: { startEv: 8332.181, edgeStep: 0.984 * 0.9779 },
};
const STEP_EV = 0.25;

/**
 * Finds spectra in a working tree of the OmniXAS repository: copper in a folder of FEFF's output for each site, the
 * other metals in the tables of its val and test parts. (All of our sites are in these two; our own parts are others.)
 * @throws FatalError where the folder is no such checkout, and when asked for a site whose file is not of numbers
 */
export function openOmnixas(folder: string): SpectrumOf {
  const clone = `git clone ${OMNIXAS_REPOSITORY}`;
  if (!existsSync(folder)) throw new FatalError(`Expected a checkout of OmniXAS at ${folder}: ${clone}`);
  if (!existsSync(join(folder, TUTORIAL)))
    throw new FatalError(`Expected a checkout of OmniXAS, with a folder ${TUTORIAL}, at ${folder}: ${clone}`);
  const tables = new Map<string, Table>();
  return ({ id, element }) => {
    if (element === 'Cu') return copperSpectrum(folder, id);
    const scale = TABLES[element];
    if (scale === undefined) throw new FatalError(`Expected an element of OmniXAS for ${id}, got ${element}`);
    const table = tables.get(element) ?? readTable(folder, element);
    tables.set(element, table);
    const row = table.rows.get(id);
    if (row !== undefined) return tableSpectrum(row, scale);
    const [absent] = table.absent;
    return {
      missing: absent === undefined ? `${id} is in no table of ${element}` : `${absent} (for ${id})`,
    };
  };
}

/** xmu.dat: energy, energy from the edge, k, mu, mu0, chi. Energies to 3 decimals, mu to 6 significant digits. */
function copperSpectrum(folder: string, id: string): Spectrum | Missing {
  const at = id.lastIndexOf('_');
  const place = `FEFF/Cu/${id.slice(0, at)}/FEFF-XANES/${id.slice(at + 1)}_Cu/xmu.dat`;
  const file = join(folder, TUTORIAL, place);
  if (!existsSync(file)) return { missing: `${file} (for ${id})` };
  const rows = readFileSync(file, 'latin1')
    .split('\n')
    .flatMap((line, i) => {
      const text = line.trim();
      return text === '' || text.startsWith('#') ? [] : [numbersOf(text, 4, `${file}, line ${i + 1}`)];
    });
  return {
    energyEv: rows.map((row) => roundDecimals(row[0]!, 3)),
    mu: rows.map((row) => roundSignificant(row[3]!, 6)),
  };
}

type Table = { readonly rows: ReadonlyMap<string, readonly number[]>; readonly absent: readonly string[] };

function readTable(folder: string, element: string): Table {
  const rows = new Map<string, readonly number[]>();
  const absent: string[] = [];
  for (const part of ['val', 'test']) {
    const name = `${element}_FEFF_${part}`;
    const idFile = join(folder, TUTORIAL, 'material_id_and_site', `${name}.txt`);
    const file = join(folder, TUTORIAL, 'ml_data', `${name}_y.txt`);
    const gone = [idFile, file].filter((path) => !existsSync(path));
    absent.push(...gone);
    if (gone.length > 0) continue;
    const ids = readFileSync(idFile, 'latin1').split(/\s+/).filter(Boolean);
    const lines = readFileSync(file, 'latin1').split('\n').filter(Boolean);
    if (ids.length !== lines.length)
      throw new FatalError(
        `Expected as many rows in ${file} as ids in ${idFile}, ${ids.length}, got ${lines.length}`,
      );
    ids.forEach((id, i) => {
      rows.set(id, numbersOf(lines[i]!.trim(), 16, `${file}, line ${i + 1}`));
    });
  }
  return { rows, absent };
}

/**
 * Before FEFF's first energy and behind its last one the table repeats a value: these ends are cut off, whole. mu to 5
 * significant digits.
 */
function tableSpectrum(
  row: readonly number[],
  { startEv, edgeStep }: { readonly startEv: number; readonly edgeStep: number },
): Spectrum {
  const changes = row.slice(1).map((value, i) => value !== row[i]); // [columns - 1]
  const before = changes.indexOf(true);
  const after = changes.length - 1 - changes.lastIndexOf(true);
  const first = before > 0 ? before + 1 : 0;
  const end = after > 0 ? row.length - after - 1 : row.length;
  const kept = before < 0 ? [] : row.slice(first, end);
  return {
    energyEv: kept.map((_, i) => roundDecimals(startEv + STEP_EV * (first + i), 3)),
    mu: kept.map((value) => roundSignificant(value / edgeStep, 5)),
  };
}

function numbersOf(text: string, least: number, where: string): number[] {
  const values = text.split(/\s+/).map(Number);
  if (values.length < least || !values.every(Number.isFinite))
    throw new FatalError(`Expected at least ${least} numbers in ${where}, got ${text.slice(0, 60)}`);
  return values;
}
