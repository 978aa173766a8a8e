import { expect, test } from '@jest/globals';
import { readSites, type Site } from '../../../workbench/data/dataset.ts';
import {
  FOIL_E0_EV,
  fitFeff10Shift,
  fitReferences,
  halfRise,
} from '../../../workbench/training/references.ts';

const sites = readSites('data/battery-feff10/sites.jsonl');
const nickel = sites.filter(({ element }) => element === 'Ni');

test('finds the shift between two scales from sites of the same kind', () => {
  const other = nickel.map((site): Site => {
    return { ...site, scale: 'feff9', energyEv: site.energyEv.map((energy) => energy - 1.7) };
  });
  expect(fitFeff10Shift(other, nickel)!.shiftEv).toBeCloseTo(-1.7, 1);
  expect(fitFeff10Shift(other, nickel)!.error).toBeLessThan(1e-3);
});

test('one spectrum is compared with another where asked', () => {
  const [site] = nickel;
  const other: Site = { ...site!, energyEv: site!.energyEv.map((energy) => energy + 0.8) };
  expect(fitFeff10Shift([other], [site!])).toBeNull();
  expect(fitFeff10Shift([other], [site!], 1)!.shiftEv).toBeCloseTo(0.8, 1);
});

test('sets without a common kind of site have no shift', () => {
  const other = nickel.map((site): Site => ({ ...site, labels: { ...site.labels, OS: 9 } }));
  expect(fitFeff10Shift(other, nickel)).toBeNull();
});

test('offset 0 is the middle of the edge', () => {
  const references = fitReferences(sites, { Ni: 0.5 });
  expect(references.map(({ element }) => element)).toEqual(['O', 'Ti', 'Mn', 'Fe', 'Co', 'Ni']); // no lithium
  const reference = references.find(({ element }) => element === 'Ni')!;
  expect(reference.shiftsEv).toEqual({ feff9: 0, feff10: 0, measured: 0.5 });
  const below = nickel.filter((site) => halfRise(site) < reference.referenceEv).length;
  expect(Math.abs(below - nickel.length / 2)).toBeLessThan(4);
});

test('an element whose edge is in no table is an error where there are enough of it to be taught', () => {
  const of = (element: string, count: number) =>
    nickel.slice(0, count).map((site): Site => ({ ...site, element }));
  expect(() => fitReferences([...nickel, ...of('Li', 10)], {})).toThrow(
    /got 10 spectra of Li: add .*FOIL_E0_EV/,
  );
  expect(fitReferences([...nickel, ...of('Li', 9)], {}).map(({ element }) => element)).toEqual(['Ni']);
});

test('new elements come after those that trained networks know', () => {
  expect(Object.keys(FOIL_E0_EV).slice(0, 9).join(' ')).toBe('O Ti V Cr Mn Fe Co Ni Cu');
  const zinc = nickel.map(
    (site): Site => ({ ...site, element: 'Zn', energyEv: site.energyEv.map((e) => e + 9659 - 8333) }),
  );
  expect(fitReferences([...zinc, ...nickel], {})).toMatchObject([
    { element: 'Ni' },
    { element: 'Zn', foilE0Ev: 9659 },
  ]);
});
