import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { checkSitesOfCells } from '../../../workbench/generate/check-cells.ts';
import { checkRecord } from '../../../workbench/generate/check-record.ts';
import { setUpPython, TOOLS_FOLDER } from '../../../workbench/generate/python-tools.ts';
import { linesOf, type SiteRecord } from '../../../workbench/generate/site-record.ts';
import { copiedCells } from './copied-cells.ts';

const python = await setUpPython(); // as `npm run setup` leaves it
jest.setTimeout(600_000); // a slow machine is no failure

const DATA = 'data/amorphous';
type About = { moments: number[]; pressureGPa: number; maxForce: number };
type Packed = {
  readonly symbols: readonly string[];
  readonly side: number;
  readonly positions: readonly (readonly number[])[];
  readonly seed: number;
};

describe('amorphous cells', () => {
  const { ask, changed, faults, path, site } = copiedCells<About>(DATA, python);
  const pack = (formula: string, number = 1, atoms = 48) =>
    ask<Packed>({ ask: 'pack', formula, number, atoms });

  test('a packed cell is a function of formula and number, and keeps atoms apart', async () => {
    const [first, again, other] = await Promise.all([
      pack('Fe3O4', 11),
      pack('Fe3O4', 11),
      pack('Fe3O4', 12),
    ]);
    expect(again).toEqual(first);
    expect(other!.positions).not.toEqual(first!.positions);
    expect(first!.symbols.filter((symbol) => symbol === 'Fe')).toHaveLength(18);
    expect(first!.symbols).toHaveLength(42);
    for (const [i, a] of first!.positions.entries())
      for (const [j, b] of first!.positions.entries()) {
        if (i >= j) continue;
        const apart = a.map((x, k) => x - b[k]! - first!.side * Math.round((x - b[k]!) / first!.side));
        expect(Math.hypot(...apart)).toBeGreaterThan(1.69); // metal-oxygen 1.75, less what a push may leave
      }
  });

  test('the cells a1 of the data set began as they would now', async () => {
    const { seed, side } = await pack('Li7Co5O12', 1);
    const about = JSON.parse(readFileSync(path('Li7Co5O12-a1', 'json'), 'utf8')) as {
      seed: number;
      side: number;
    };
    expect([seed, Number(side.toFixed(4))]).toEqual([about.seed, about.side]);
  });

  test.each([
    ['Fe2S3', 48, 'Expected an oxide of Ti, V, Mn, Fe, Co, Ni, Cu, got Fe2S3'],
    ['LiNi0.5Mn0.5O2', 48, 'Expected whole numbers in a formula'],
    ['Li7Co5O12', 20, 'Expected at least 24 atoms for a formula unit'],
  ])('%s in %i atoms is an error', async (formula, atoms, message) => {
    await expect(pack(formula, 1, atoms)).rejects.toThrow(message);
  });

  test('two oxygens that are bound, a pressure and a force are faults', async () => {
    expect(await faults('Fe3O4-a1')).toEqual([]);
    const row = (text: string, label: string) =>
      text.split('\n').find((line) => line.includes(` ${label} `))!;
    const bound = changed(
      'Fe3O4-a1',
      (json) => Object.assign(json, { pressureGPa: -12, maxForce: 0.4 }),
      (text) => {
        const [near, far] = [row(text, 'O18'), row(text, 'O19')];
        const [element, label, ...rest] = near.trim().split(/\s+/);
        const x = Number(rest[2]) + 1.4 / 7.9;
        return text.replace(
          far,
          `  ${element} ${label!.replace('18', '19')} ${rest[0]} ${rest[1]} ${x} ${rest.slice(3).join(' ')}`,
        );
      },
    );
    expect((await faults(bound)).join('; ')).toMatch(
      /O-O below 1.6 angstrom: a peroxide.*a pressure of -12 GPa.*a force of 0.4 eV/,
    );
  });

  test('iron has the states of its moments, which balance; cobalt, whose moments overlap, has none', async () => {
    const [iron, oxygen, cobalt] = await Promise.all([
      site('Fe3O4-a1', 1),
      site('Fe3O4-a1', 20),
      site('Li7Co5O12-a1', 14),
    ]);
    expect(iron).toMatchObject({ labels: { OS: 2 }, osEvidence: { moment: 3.818, byMoment: 2 } });
    expect(oxygen!.labels).toMatchObject({ OS: -2 });
    expect(cobalt).toMatchObject({ labels: { OS: null }, osMethod: null });
  });

  test('a moment that says otherwise than the bond valence leaves the site unknown, and the others known', async () => {
    const other = changed('Fe3O4-a1', (json) => {
      json.moments[1] = 4.35;
    });
    expect((await site(other, 1)).labels.OS).toBeNull();
    expect((await site(other, 6)).labels.OS).toBe(2);
  });

  test('moments that miss the balance leave a whole cell unknown', async () => {
    const other = changed('Fe3O4-a1', (json) => {
      json.moments = json.moments.map((moment) => (moment > 3 ? 4.35 : moment));
    });
    expect((await site(other, 6)).labels.OS).toBeNull();
  });

  test('soft coordination of an even octahedron lies near its CN', async () => {
    const even = await site('Li7Ti11O24-a1', 14);
    expect(even.labels).toMatchObject({ CN: 6, NNRS: 0.036055 });
    for (const value of Object.values(even.softCn)) expect(Math.abs(value! - 6)).toBeLessThan(0.3);
  });
});

describe('data/amorphous', () => {
  const sites = linesOf<SiteRecord>(join(DATA, 'sites.jsonl'));

  test('holds whole spectra', () => {
    expect(sites.length).toBeGreaterThan(0);
    expect(sites.flatMap((each) => checkRecord(each) ?? [])).toEqual([]);
  });

  test('has the labels that its cells give; another one is named', async () => {
    const wrong = { ...sites[0]!, id: 'wrong', labels: { ...sites[0]!.labels, CN: 9 } };
    const found = await checkSitesOfCells([...sites, wrong], join(DATA, 'sites.cells'), TOOLS_FOLDER);
    expect([...found.keys()]).toEqual(['wrong']);
    expect(found.get('wrong')).toMatch(/Expected the labels of .*"CN":6.*got .*"CN":9/);
  });
});
