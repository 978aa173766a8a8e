import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readSites, splitByGroup, toGrid, toInput } from '../../../workbench/data/dataset.ts';
import { defaultGrid } from '../../../workbench/training/grid.ts';

const sites = readSites('data/battery-feff10/sites.jsonl');

describe('toGrid', () => {
  test('interpolates inside the measured range, and only there', () => {
    const { mu, mask } = toGrid([0, 1, 3], [0, 1, 5], [-0.1, 0, 0.5, 2, 3, 3.1]);
    expect([...mu]).toEqual([0, 0, 0.5, 3, 5, 0]);
    expect([...mask]).toEqual([0, 1, 1, 1, 1, 0]);
  });
});

describe('toInput', () => {
  const grid = defaultGrid();
  const site = sites.find(({ element }) => element === 'Co')!;
  const reference = {
    element: 'Co',
    edge: 'K',
    referenceEv: 7722.8,
    shiftsEv: { feff10: -1.5 },
    foilE0Ev: 7709,
  };

  test('moves the energies to the theory scale', () => {
    const input = toInput(site, reference, grid)!;
    const bin = 40;
    const energy = grid.offsetsEv[bin]! + 7722.8 + 1.5;
    const j = site.energyEv.findIndex((e) => e > energy);
    const [low, high] = [site.mu[j - 1]!, site.mu[j]!].sort((a, b) => a - b);
    expect(input.mu[bin]).toBeGreaterThanOrEqual(low! - 1e-6);
    expect(input.mu[bin]).toBeLessThanOrEqual(high! + 1e-6);
  });

  test('is null for a spectrum that does not cover the required range', () => {
    const late = { ...site, energyEv: site.energyEv.map((energy) => energy + 20) };
    expect(toInput(late, reference, grid)).toBeNull();
  });
});

describe('splitByGroup', () => {
  const { train, val, test: held } = splitByGroup(sites, 1);

  test('loses no site and keeps groups together', () => {
    expect(train.length + val.length + held.length).toBe(sites.length);
    const [a, b, c] = [train, val, held].map((part) => new Set(part.map(({ group }) => group)));
    expect([...a!].filter((group) => b!.has(group) || c!.has(group))).toEqual([]);
    expect([...b!].filter((group) => c!.has(group))).toEqual([]);
  });

  test('shares the sites about 70:15:15, the same for the same seed', () => {
    expect(train.length / sites.length).toBeGreaterThan(0.6);
    expect(val.length / sites.length).toBeGreaterThan(0.08);
    expect(held.length / sites.length).toBeGreaterThan(0.08);
    expect(splitByGroup(sites, 1).val).toEqual(val);
  });
});

test('a label that could not be established is absent, and a decoded one carries its confidence', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sites-'));
  const about = {
    id: 'x',
    material: 'm',
    element: 'Co',
    edge: 'K',
    source: 'OmniXAS FEFF9',
    energyEv: [1],
    mu: [1],
  };
  const labels = { OS: null, CN: 6, MOOD: 2.5 };
  const site = { ...about, labels, labelSource: 'decoded', confidence: { OS: 0.2, CN: 0.97 } };
  writeFileSync(join(folder, 'sites.jsonl'), `${JSON.stringify(site)}\n`);
  expect(readSites(join(folder, 'sites.jsonl'))).toMatchObject([
    {
      labels: { CN: 6, MOOD: 2.5 },
      weights: { CN: 0.97, MOOD: 1 },
      decoded: true,
      scale: 'feff9',
      group: 'm',
    },
  ]);
  expect(readSites(join(folder, 'sites.jsonl'))[0]!.labels).not.toHaveProperty('OS');
  rmSync(folder, { recursive: true });
});

test('a state of copper that its formula does not establish is kept apart from what is learned and scored', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sites-'));
  const about = { material: 'm', element: 'Cu', edge: 'K', energyEv: [1], mu: [1], labels: { OS: 2, CN: 4 } };
  const sites = [
    { ...about, id: 'sure', formula: 'CuO' },
    { ...about, id: 'mixed', formula: 'YBa2Cu3O7' },
    { ...about, id: 'of no formula' },
    { ...about, id: 'no copper', element: 'Co', formula: 'CoO' },
  ];
  writeFileSync(join(folder, 'sites.jsonl'), sites.map((site) => JSON.stringify(site)).join('\n'));
  const [sure, mixed, ...others] = readSites(join(folder, 'sites.jsonl'));
  expect([sure, ...others].map((site) => site!.labels)).toEqual(Array(3).fill({ OS: 2, CN: 4 }));
  expect(sure).not.toHaveProperty('doubtfulOs');
  expect(mixed).toMatchObject({ doubtfulOs: { label: 2, why: 'mixed valence' }, labels: { CN: 4 } });
  expect([mixed!.labels, mixed!.weights].filter((each) => 'OS' in each)).toEqual([]);

  writeFileSync(join(folder, 'sites.jsonl'), JSON.stringify({ ...about, id: 'x', formula: 'Cu(O' }));
  expect(() => readSites(join(folder, 'sites.jsonl'))).toThrow(
    /line 1 .*: formula: Expected a formula such as/,
  );
  rmSync(folder, { recursive: true });
});

describe('a wrong file is an error that names file, line and field', () => {
  const site = {
    id: 'x',
    material: 'm',
    element: 'Co',
    edge: 'K',
    energyEv: [1, 2],
    mu: [0, null],
    labels: {},
  };
  const folder = mkdtempSync(join(tmpdir(), 'sites-'));
  const file = join(folder, 'sites.jsonl');
  afterAll(() => rmSync(folder, { recursive: true }));
  const read = (...lines: readonly string[]) => {
    writeFileSync(file, lines.join('\n'));
    return readSites(file);
  };

  test.each([
    ['no JSON', '{"id": ', /line 2: .*JSON/],
    ['no field mu', JSON.stringify({ ...site, mu: undefined }), /line 2 .*: mu: /],
    ['a word for a number', JSON.stringify({ ...site, mu: [0, 'one'] }), /line 2 .*: mu\.1: .*number/],
    [
      'a word for a label',
      JSON.stringify({ ...site, labels: { OS: '3+' } }),
      /line 2 .*: labels\.OS: .*number/,
    ],
    [
      'a class between two',
      JSON.stringify({ ...site, labels: { OS: 2.5 } }),
      /line 2 .*: labels\.OS: Expected an integer, got 2\.5/,
    ],
    [
      'a confidence above 1',
      JSON.stringify({ ...site, labels: { MOOD: 2.5 }, confidence: { MOOD: 1.2 } }),
      /line 2 .*: confidence\.MOOD: Expected a number from 0 to 1, got 1\.2/,
    ],
  ])('%s', (_, line, message) => {
    expect(() => read(JSON.stringify(site), line)).toThrow(message);
    expect(() => read(JSON.stringify(site), line)).toThrow(file);
  });

  test('a file that is not there, or not gzipped', () => {
    expect(() => readSites(join(folder, 'none.jsonl'))).toThrow(/none\.jsonl: .*no such file/);
    writeFileSync(join(folder, 'plain.jsonl.gz'), '{}');
    expect(() => readSites(join(folder, 'plain.jsonl.gz'))).toThrow(/plain\.jsonl\.gz: incorrect header/);
  });

  test('what JSON cannot say is not an error: null is NaN, an empty line none, unknown labels are left', () => {
    const [only, ...more] = read(JSON.stringify({ ...site, labels: { spin: 'high' } }), '', '');
    expect(more).toEqual([]);
    expect([...only!.mu]).toEqual([0, Number.NaN]);
  });

  test('labels that the absorber does not have are left out', () => {
    const labels = { OS: -2, OCN: 6, MOOD: 2.5, NNOSM: 3 };
    expect(read(JSON.stringify({ ...site, element: 'O', labels }))[0]!.labels).toEqual({ OS: -2, NNOSM: 3 });
    expect(read(JSON.stringify({ ...site, labels }))[0]!.labels).toEqual({ OS: -2, OCN: 6, MOOD: 2.5 });
  });
});
