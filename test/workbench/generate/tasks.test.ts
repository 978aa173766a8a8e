import { describe, expect, test } from '@jest/globals';
import { readSites } from '../../../workbench/data/dataset.ts';
import {
  cellTasks,
  prototypeTasks,
  readPrototypes,
  structureTasks,
} from '../../../workbench/generate/tasks.ts';

const prototypes = readPrototypes();

describe('prototypes', () => {
  test('have names of their own, and none is a material of the shipped set', () => {
    const names = prototypes.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const shipped = new Set(readSites('data/battery-feff10/sites.jsonl').map(({ material }) => material));
    expect(names.filter((name) => shipped.has(name))).toEqual([]);
  });
});

describe('non-oxides', () => {
  const crystals = readPrototypes('non-oxides');

  test('have names of their own, a kind, neither oxygen nor fluorine, and no charges', () => {
    expect(new Set(crystals.map(({ name }) => name)).size).toBe(crystals.length);
    for (const { name, kind, sites } of crystals) {
      expect([name, kind]).toEqual([name, expect.stringMatching(/^[a-z]+$/)]);
      expect(sites.filter(([element]) => ['O', 'F'].includes(element))).toEqual([]);
      expect(sites.every(([, charge]) => charge === null)).toBe(true);
    }
  });

  test('of every metal that the network knows there are several kinds', () => {
    for (const element of ['Ti', 'V', 'Cr', 'Mn', 'Fe', 'Co', 'Ni', 'Cu']) {
      const tasks = prototypeTasks(crystals, [element], [0]);
      expect([element, new Set(tasks.map(({ kind }) => kind)).size > 3]).toEqual([element, true]);
    }
  });
});

describe('prototypeTasks', () => {
  const tasks = prototypeTasks(prototypes, ['Mn', 'Fe', 'O'], [0, 1, 2]);

  test('every site of the elements in every variant, once', () => {
    const rows = prototypes.flatMap(({ sites }) =>
      sites.filter(([element]) => ['Mn', 'Fe', 'O'].includes(element)),
    );
    expect(tasks).toHaveLength(3 * rows.length);
    expect(new Set(tasks.map(({ id }) => id)).size).toBe(tasks.length);
  });

  test('any beginning is balanced: elements take turns, and families within them', () => {
    const beginning = tasks.slice(0, 30);
    for (const element of ['Mn', 'Fe', 'O']) {
      const ofElement = beginning.filter((task) => task.element === element);
      expect(ofElement).toHaveLength(10);
      expect(new Set(ofElement.map(({ family }) => family)).size).toBe(10);
    }
    const iron = tasks.filter(({ element }) => element === 'Fe').map(({ id }) => Number(id.slice(-1)));
    expect(iron).toEqual([...iron].sort());
  });

  test('an id does not depend on what else is computed', () => {
    const alone = prototypeTasks(prototypes, ['Fe'], [2]);
    const same = tasks.find(({ id }) => id === alone[5]!.id);
    expect(same).toEqual(alone[5]);
  });
});

test('structureTasks: the file names the material', () => {
  expect(structureTasks('in/Fe2O3.cif', [{ index: 4, element: 'Fe' }])).toEqual([
    {
      id: 'Fe2O3_Fe4',
      material: 'Fe2O3',
      family: null,
      element: 'Fe',
      request: { ask: 'structure', file: 'in/Fe2O3.cif', index: 4 },
    },
  ]);
});

test('cellTasks: cells take turns, and elements within them; the id names cell and site', () => {
  const sites = ['Fe', 'Fe', 'O'].map((element, index) => ({ index, element }));
  const cells = ['FeO-a1', 'FeO-a2'].map((name) => ({
    name,
    file: `in/${name}.cif`,
    material: `amorphous ${name}`,
    family: 'amorphous FeO',
    sites,
  }));
  const tasks = cellTasks(cells, ['Fe', 'O']);
  expect(tasks.map(({ id }) => id)).toEqual([
    ...['FeO-a1_Fe0', 'FeO-a2_Fe0', 'FeO-a1_O2', 'FeO-a2_O2', 'FeO-a1_Fe1', 'FeO-a2_Fe1'],
  ]);
  expect(tasks[1]).toEqual({
    id: 'FeO-a2_Fe0',
    material: 'amorphous FeO-a2',
    family: 'amorphous FeO',
    element: 'Fe',
    cell: { name: 'FeO-a2', site: 0 },
    request: { ask: 'cell', file: 'in/FeO-a2.cif', index: 0 },
  });
});
