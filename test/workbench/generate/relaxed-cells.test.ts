import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { checkSitesOfCells } from '../../../workbench/generate/check-cells.ts';
import { checkRecord } from '../../../workbench/generate/check-record.ts';
import { setUpPython, TOOLS_FOLDER } from '../../../workbench/generate/python-tools.ts';
import { cellsWith, type RelaxedOxide, readRelaxedOxides } from '../../../workbench/generate/relax-cells.ts';
import { linesOf, type SiteRecord } from '../../../workbench/generate/site-record.ts';
import { copiedCells } from './copied-cells.ts';

const python = await setUpPython(); // as `npm run setup` leaves it
jest.setTimeout(600_000); // a slow machine is no failure

const DATA = 'data/relaxed-oxides';
const { hosts, cells } = readRelaxedOxides();
const sites = linesOf<SiteRecord>(join(DATA, 'sites.jsonl'));

type Arranged = {
  readonly symbols: readonly string[];
  readonly positions: readonly (readonly number[])[];
};
type About = { maxForce: number; startVolume: number; moments: number[] };

describe('the list of relaxed oxides', () => {
  test('has each crystal once, on a host that it names', () => {
    expect(new Set(cells.map(({ name }) => name)).size).toBe(cells.length);
    const names = hosts.map(({ name }) => name);
    for (const { name, host } of cells) {
      expect(names).toContain(host);
      expect(name.endsWith(`-${host}`)).toBe(true);
    }
  });

  test('has no material of another training set, and none of the series that is never trained on', () => {
    const others = ['battery-feff10', 'battery-extended'].flatMap((set) =>
      linesOf<{ material: string }>(`data/${set}/sites.jsonl`).map(({ material }) => material),
    );
    expect(others.length).toBeGreaterThan(300);
    expect(cells.filter(({ name }) => others.includes(name))).toEqual([]);
    const cobaltAlone = cells.filter(
      ({ host, fill: { Ne = {} } }) =>
        host === 'layered' && JSON.stringify(Object.keys(Ne)) === JSON.stringify(['Co']),
    );
    expect(cobaltAlone).toEqual([]); // Li_xCoO2
  });
});

describe('relaxed cells', () => {
  const { ask, changed, faults, site } = copiedCells<About>(DATA, python);
  const arrange = (cell: RelaxedOxide) =>
    ask<Arranged>({ ask: 'arrange', cell, host: hosts.find(({ name }) => name === cell.host) });
  const called = (wanted: string) => cells.find(({ name }) => name === wanted)!;

  test('an arrangement is a function of the cell, and has the elements that its name says', async () => {
    const cell = called('Li0.5Ni0.75Mn0.25O2-layered');
    const [first, again] = await Promise.all([arrange(cell), arrange(cell)]);
    expect(again).toEqual(first);
    const count = (element: string) => first!.symbols.filter((symbol) => symbol === element).length;
    expect(['Li', 'Ni', 'Mn', 'O'].map(count)).toEqual([4, 6, 2, 16]);
  });

  test.each([
    ['another formula', { name: 'LiMn2O4-spinel' }, 'is called so'],
    [
      'shares that do not divide its sites',
      { fill: { He: { Li: 0.3, '': 0.7 } } },
      'divide the 2 sites of He',
    ],
  ])('%s is an error', async (_, change, message) => {
    await expect(arrange({ ...called('MgFe2O4-spinel'), ...change })).rejects.toThrow(message);
  });

  test('forces, a volume that is another and a state that its bonds do not bear are faults', async () => {
    const name = sites.find(({ osMethod }) => osMethod === 'formal')!.cell!.name;
    expect(await faults(name)).toEqual([]);
    const bad = changed(name, (about) => Object.assign(about, { maxForce: 0.4, startVolume: 1 }));
    expect((await faults(bad)).join('; ')).toMatch(/a force of 0.4 eV.*a volume that relaxation changed by/);
  });

  test('where two metals may change, moments that say otherwise leave the states unknown', async () => {
    const known = sites.find(({ osEvidence }) => osEvidence != null && Object.keys(osEvidence).length > 0)!;
    const { name, site: index } = known.cell!;
    const other = changed(name, (about) => {
      about.moments = about.moments.map(() => 9);
    });
    expect((await site(other, index)).labels.OS).toBeNull();
  });

  test('symmetry is not known of a cell whose relaxation ended at some force', () => {
    expect(new Set(sites.map(({ labels }) => labels.PSGO))).toEqual(new Set([null]));
  });
});

describe('data/relaxed-oxides', () => {
  test('holds whole spectra of cells that are there', () => {
    expect(sites.length).toBeGreaterThan(0);
    expect(sites.flatMap((each) => checkRecord(each) ?? [])).toEqual([]);
    for (const { cell } of sites)
      expect(existsSync(join(DATA, 'sites.cells', `${cell!.name}.cif`))).toBe(true);
  });

  test('has the labels that its cells give', async () => {
    const found = await checkSitesOfCells(sites, join(DATA, 'sites.cells'), TOOLS_FOLDER);
    expect([...found]).toEqual([]);
  });
});

test('oxygen is of the host, and every cell has sites of it; a metal only where it was filled in', () => {
  const { cells } = readRelaxedOxides();
  expect(cellsWith(['all'], ['O'])).toHaveLength(cells.length);
  const withIron = cellsWith(['P2'], ['Fe']).map(({ name }) => name);
  expect(withIron.length).toBeGreaterThan(0);
  expect(withIron.every((name) => name.includes('Fe'))).toBe(true);
  expect(() => cellsWith(['P3'], ['O'])).toThrow(/--relaxed to name hosts .*, got P3/);
});
