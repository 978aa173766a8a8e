import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { dataOf, keptFrom, learnedBy, readTrainingData } from '../../../workbench/data/training-data.ts';

const root = mkdtempSync(join(tmpdir(), 'training-data-'));
afterAll(() => rmSync(root, { recursive: true }));
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'data-'));
});

const energyEv = Array.from({ length: 20 }, (_, i) => 7700 + i);
const site = (id: string, family: string | null, changes: object = {}) => ({
  ...{ id, material: id.slice(0, 2), element: 'Co', edge: 'K', source: 'FEFF10', energyEv },
  ...(family !== null && { family }),
  ...{ mu: energyEv.map((_, i) => i / 20), labels: { CN: 6 } },
  ...changes,
});
function write(file: string, sites: readonly object[]): void {
  const path = join(folder, file);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, sites.map((each) => `${JSON.stringify(each)}\n`).join(''));
}

describe('readTrainingData', () => {
  test('takes stated parts, splits the rest by family, and keeps a family in one part in all files', () => {
    write('a/train.jsonl', [site('m1-a', null)]);
    write('a/test.jsonl', [site('m2-a', null)]);
    const families = Array.from({ length: 12 }, (_, i) => `family ${i}`);
    const sites = (prefix: string) => families.map((family, i) => site(`${prefix}${i}`, family));
    write('b/sites.jsonl', sites('b'));
    write('c/sites.jsonl', sites('c'));
    const { sets, train, val, test: held } = readTrainingData([folder]);
    expect(sets.get('a')!.train.map(({ id }) => id)).toEqual(['m1-a']);
    expect(sets.get('a')!.test.map(({ id }) => id)).toEqual(['m2-a']);
    expect([train, val, held].map((part) => part.length > 0)).toEqual([true, true, true]);
    for (const part of ['train', 'val', 'test'] as const) {
      const of = (name: string) =>
        sets
          .get(name)!
          [part].map(({ group }) => group)
          .sort();
      expect(of('b')).toEqual(of('c'));
    }
  });

  test('keeps a family in the part that the strictest of its files states', () => {
    write('a/train.jsonl', [site('m1-a', 'spinel'), site('m2-a', 'rutile'), site('m3-a', 'rocksalt')]);
    write('b/more.jsonl', [site('m1-b', 'spinel'), site('m2-b', 'rutile'), site('m3-b', 'rocksalt')]);
    write('c/val.jsonl', [site('m1-c', 'spinel'), site('m2-c', 'rutile')]);
    write('d/test.jsonl', [site('m1-d', 'spinel')]);
    const { train, val, test: held } = readTrainingData([folder]);
    const ids = (sites: readonly { id: string }[]) => sites.map(({ id }) => id).join(' ');
    expect([train, val, held].map(ids)).toEqual(['m3-a m3-b', 'm2-a m2-b m2-c', 'm1-a m1-b m1-c m1-d']);
  });

  test('passes over what is left out, and says so where nothing remains', () => {
    write('li-x-coo2/series.jsonl', [site('x1', null)]);
    expect(() => readTrainingData([folder])).toThrow('Expected files .jsonl or .jsonl.gz');
    expect(readTrainingData([folder], []).files).toHaveLength(1);
    expect(() => readTrainingData([join(folder, 'nowhere')])).toThrow('nowhere: give --data');
  });

  test('takes a file by itself, in the set that its folder is named after', () => {
    write('mine/sites.jsonl', [site('m1', null)]);
    write('mine/more.jsonl', [site('m2', null)]);
    const { files, sets } = readTrainingData([join(folder, 'mine/more.jsonl')]);
    expect(files.map(({ file }) => file)).toEqual(['mine/more.jsonl']);
    expect([...sets.keys()]).toEqual(['mine']);
  });

  test('never takes examples of what is no oxide, metals, nor spectra for the energy scale', () => {
    for (const name of ['mine', 'non-oxides', 'metals', 'cu-feff10'])
      write(`${name}/sites.jsonl`, [site(name, null)]);
    expect(readTrainingData([folder], []).files.map(({ file }) => file)).toEqual(['mine/sites.jsonl']);
  });

  test.each([
    ['mu.3', { mu: energyEv.map((_, i) => (i === 3 ? null : i)) }],
    ['mu', { mu: [1, 2, 3] }],
    ['edge', { edge: 'L3' }],
    ['energyEv.2', { energyEv: energyEv.map((e, i) => (i === 2 ? e - 5 : e)) }],
  ])('names file, line and field: %s', (field, changes) => {
    write('mine/sites.jsonl', [site('m1', null), site('m2', null, changes)]);
    expect(() => readTrainingData([folder])).toThrow(`sites.jsonl, line 2 (m2): ${field}: Expected`);
  });

  test('counts empty lines too', () => {
    write('mine/sites.jsonl', []);
    const lines = [
      '',
      JSON.stringify(site('m1', null)),
      '',
      JSON.stringify(site('m2', null, { mu: [1] })),
      '',
    ];
    writeFileSync(join(folder, 'mine/sites.jsonl'), lines.join('\n'));
    expect(() => readTrainingData([folder])).toThrow('sites.jsonl, line 4 (m2): mu: Expected');
  });
});

describe('learnedBy', () => {
  test('takes the test parts of the sets that nothing is reported on, but no material of what is', () => {
    write('copper/train.jsonl', [site('m1-a', null, { element: 'Cu' })]);
    write('copper/val.jsonl', [site('m2-a', null, { element: 'Cu' })]);
    write('copper/test.jsonl', [site('m3-a', null, { element: 'Cu' })]);
    write('others/train.jsonl', [site('m4-b', null)]);
    write('others/test.jsonl', [site('m3-b', null), site('m5-b', null)]);
    const data = readTrainingData([folder]);
    const ids = (sites: readonly { id: string }[]) => sites.map(({ id }) => id).join(' ');
    const training = { allOf: ['others'], crossFit: true };
    expect(ids(learnedBy(data, training))).toBe('m1-a m4-b m5-b m2-a');
    expect(ids(keptFrom(data, training))).toBe('m3-a m3-b');
    expect(ids(learnedBy(data, {}))).toBe('m1-a m4-b');
  });
});

describe('dataOf', () => {
  test('is what a model was trained with: a file that has changed since is an error', () => {
    write('mine/sites.jsonl', [site('m1', null)]);
    write('other/sites.jsonl', [site('o1', null)]);
    const training = { files: readTrainingData([join(folder, 'mine')]).files };
    expect([...dataOf(readTrainingData([folder]), training).sets.keys()]).toEqual(['mine']);
    write('mine/sites.jsonl', [site('m1', null), site('m2', null)]);
    expect(() => dataOf(readTrainingData([folder]), training)).toThrow(
      'Expected mine/sites.jsonl as the model was trained with it',
    );
  });

  test('of a set that the model has seen, a file less or more is an error that names it', () => {
    write('mine/train.jsonl', [site('m1', null)]);
    write('mine/test.jsonl', [site('m2', null)]);
    const training = { files: readTrainingData([folder]).files };
    write('other/sites.jsonl', [site('o1', null)]);
    expect(dataOf(readTrainingData([folder]), training).train).toHaveLength(1);
    write('mine/more.jsonl', [site('m3', null)]);
    expect(() => dataOf(readTrainingData([folder]), training)).toThrow('trained with, got mine/more.jsonl');
    rmSync(join(folder, 'mine/more.jsonl'));
    rmSync(join(folder, 'mine/test.jsonl'));
    expect(() => dataOf(readTrainingData([folder]), training)).toThrow('Expected mine/test.jsonl, which');
  });

  test('sets of the same name in two folders are told apart', () => {
    write('a/mine/sites.jsonl', [site('m1', null)]);
    write('b/mine/sites.jsonl', [site('m2', null)]);
    const data = readTrainingData([join(folder, 'a'), join(folder, 'b')]);
    expect(dataOf(data, { files: data.files }).sets.get('mine')!.train).toHaveLength(2);
    const one = readTrainingData([join(folder, 'b')]);
    expect(() => dataOf(one, { files: data.files })).toThrow('Expected mine/sites.jsonl, which');
  });
});
