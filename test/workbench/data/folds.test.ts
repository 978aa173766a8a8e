import { describe, expect, test } from '@jest/globals';
import { FOLD_NAMES, FOLDS, foldOf, foldOfSite } from '../../../workbench/data/folds.ts';

const materials = Array.from({ length: 2000 }, (_, i) => `mp-${1000 + 7 * i}`);

describe('foldOf', () => {
  // Scores of models that were trained weeks apart are compared by fold: the assignment may never change.
  test('is the same for all time', () => {
    expect(['mp-1', 'mp-2', 'mp-1023', 'mp-554310'].map((name) => foldOf(name, 1, 5))).toEqual([1, 3, 3, 2]);
  });

  test('shares materials evenly', () => {
    const counts = [0, 0, 0, 0, 0];
    for (const name of materials) counts[foldOf(name, 1, 5)]! += 1;
    for (const count of counts) expect(Math.abs(count - 400)).toBeLessThan(80);
  });

  test('gives another assignment for another seed', () => {
    const same = materials.filter((name) => foldOf(name, 1, 5) === foldOf(name, 2, 5)).length;
    expect(same / materials.length).toBeLessThan(0.3);
  });

  test('names a wrong number of folds', () => {
    expect(() => foldOf('mp-1', 1, 1)).toThrow('Expected folds to be an integer >= 2, got 1');
  });
});

describe('FOLDS', () => {
  const sites = materials.map((group, i) => ({ group, i }));

  test('every site is held out once, and never among the others then', () => {
    expect(FOLDS.map(({ fold }) => fold)).toEqual([0, 1, 2, 3, 4]);
    expect(FOLD_NAMES).toEqual(['0', '1', '2', '3', '4']);
    const held = FOLDS.flatMap((each) => each.held(sites));
    expect(held.map(({ i }) => i).sort((a, b) => a - b)).toEqual(sites.map(({ i }) => i));
    for (const { held, others } of FOLDS) {
      const [some, rest] = [new Set(held(sites)), others(sites)];
      expect(some.size + rest.length).toBe(sites.length);
      expect(rest.some((site) => some.has(site))).toBe(false);
    }
  });

  test('a family is on one side whole, and items keep their order', () => {
    const family = Array.from({ length: 9 }, (_, i) => ({ group: 'spinel', i }));
    const holding = FOLDS.filter(({ held }) => held(family).length > 0);
    expect(holding.map(({ held }) => held(family))).toEqual([family]);
    expect(holding[0]!.fold).toBe(foldOfSite({ group: 'spinel' }));
  });
});
