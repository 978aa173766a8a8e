import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { CrystalServer, setUpPython } from '../../../workbench/generate/python-tools.ts';
import { feffAt, runFeff } from '../../../workbench/generate/run-feff.ts';
import { readPrototypes } from '../../../workbench/generate/tasks.ts';
import type { DescribedSite } from '../../../workbench/generate/write-deck.ts';
import { octahedron, writeRockSalt } from './nickel-oxide.ts';

const python = await setUpPython(); // as `npm run setup` leaves it
/** A slow machine is no failure: FEFF needs 6 s of CPU here, Python 3 s to start. */
jest.setTimeout(600_000);

describe('the Python of the data engine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crystals-'));
  const radii = { radius: 6.1, scfRadius: 4 };
  let crystals: CrystalServer;
  beforeAll(() => {
    writeRockSalt(folder, 'Ni');
    crystals = new CrystalServer(python);
  });
  afterAll(async () => {
    await crystals.close();
    rmSync(folder, { recursive: true });
  });
  const site = (index: number) =>
    crystals.ask<DescribedSite>({ ask: 'structure', file: join(folder, 'NiO.vasp'), index, ...radii });
  const variant = (id: string, prototype: string, row: number, number: number) =>
    crystals.ask<DescribedSite>({
      ask: 'prototype',
      id,
      prototype: [...readPrototypes(), ...readPrototypes('non-oxides')].find(
        ({ name }) => name === prototype,
      ),
      row,
      variant: number,
      ...radii,
    });

  test('labels nickel in rock salt', async () => {
    const nickel = await site(0);
    expect(nickel.labels).toEqual({ OS: 2, CN: 6, CN2: 18, NNRS: 0, OCN: 6, MOOD: 2.95366, PSGO: 48 });
    expect(nickel).toMatchObject({ osMethod: 'bond valence', meanBondLength: 2.08855, formula: 'NiO' });
    expect(nickel.atoms).toHaveLength(93);
    expect(nickel.atoms[0]).toEqual(['Ni', 0, 0, 0]);
  });

  test('labels oxygen by its own descriptors', async () => {
    const { labels } = await site(1);
    expect(labels).toEqual({ OS: -2, CN: 6, CN2: 18, NNRS: 0, NNOSM: 2, PSGO: 48 });
  });

  test('finds one site of each symmetry class', async () => {
    const answer = await crystals.ask({
      ask: 'sites',
      file: join(folder, 'NiO.vasp'),
      elements: ['O', 'Fe'],
    });
    expect(answer).toEqual({ sites: [{ index: 1, element: 'O' }] });
  });

  test('a file that is no crystal is an error, and the next request is answered', async () => {
    writeFileSync(join(folder, 'bad.cif'), 'no crystal');
    const bad = crystals.ask({ ask: 'sites', file: join(folder, 'bad.cif'), elements: ['O'] });
    const next = site(0);
    await expect(bad).rejects.toThrow(/Error/);
    expect((await next).labels.CN).toBe(6);
  });

  test("a variant is a function of its name: the same again, distorted, with the crystal's formal charge", async () => {
    const [first, again, other, crystal] = await Promise.all([
      variant('a', 'YMnO3-hexagonal', 2, 1),
      variant('a', 'YMnO3-hexagonal', 2, 1),
      variant('b', 'YMnO3-hexagonal', 2, 1),
      variant('a', 'YMnO3-hexagonal', 2, 0),
    ]);
    expect(again).toEqual(first);
    expect(other.atoms).not.toEqual(first!.atoms);
    expect(crystal!.labels).toMatchObject({ OS: 3, CN: 5, OCN: 5, PSGO: 12 });
    expect(crystal).toMatchObject({ rattleSigma: 0, strain: [0, 0, 0, 0, 0, 0], osMethod: 'formal' });
    expect(Math.abs(first!.strain[0]!) + first!.rattleSigma).toBeGreaterThan(0);
    expect(first!.labels.OS).toBe(3);
  });

  test('a crystal without charges has no oxidation states, and no oxygen', async () => {
    const metal = await variant('c', 'Cu-fcc', 0, 0);
    expect(metal.labels).toEqual({ OS: null, CN: 12, CN2: 42, NNRS: 0, OCN: 0, MOOD: null, PSGO: 48 });
    expect(metal).toMatchObject({ osMethod: null, formula: 'Cu', meanBondLength: 2.55619 });
  });

  test('FEFF10 gives the spectrum of an octahedron, with a self-consistent potential', async () => {
    const feff = feffAt(undefined, python as string);
    const computed = await runFeff(feff, octahedron, 'octahedron', new AbortController().signal);
    expect(computed).toMatchObject({ mixing: '0.2 3', repeated: [], potential: { fault: null } });
    expect(computed.potential.dCounts['0:28']).toBeCloseTo(8.43, 1);
    expect(computed.energyEv).toHaveLength(107);
    // The white line of nickel's K edge, and the absorption after it near one edge step.
    const peak = computed.energyEv[computed.mu.indexOf(Math.max(...computed.mu))]!;
    expect(peak).toBeGreaterThan(8335);
    expect(peak).toBeLessThan(8360);
    expect(computed.mu.at(-1)).toBeCloseTo(1.1, 1);
    expect(computed.cpuSeconds).toBeGreaterThan(1);
  });
});
