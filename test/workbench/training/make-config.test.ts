import { describe, expect, test } from '@jest/globals';
import { readSites, type Site, toInput } from '../../../workbench/data/dataset.ts';
import { defaultGrid } from '../../../workbench/training/grid.ts';
import { makeConfig } from '../../../workbench/training/make-config.ts';
import { fitReferences } from '../../../workbench/training/references.ts';

const grid = defaultGrid();
const sites = readSites('data/battery-feff10/sites.jsonl').filter(({ element }) => element === 'Co');
const [reference] = fitReferences(sites, {});
const training = sites.flatMap((site) => {
  const input = toInput(site, reference!, grid);
  return input === null ? [] : [{ site, input }];
});
const withLabels = (labels: (i: number) => Site['labels']) =>
  makeConfig(
    'mlp',
    grid,
    ['Co'],
    training.map(({ site, input }, i) => ({ site: { ...site, labels: labels(i) }, input })),
  );

describe('makeConfig', () => {
  test('a class that fewer than three have is left out, and a descriptor without any class gets no head', () => {
    const { classes } = withLabels((i) => ({ OS: i < 3 ? 2 : 3, CN: i, CN2: i < 2 ? 4 : 6 }));
    expect(classes).toEqual({ OS: [2, 3], CN2: [6] });
  });

  test('a real that is the same in all gets no head, whatever rounding leaves of its spread', () => {
    const { reals } = withLabels((i) => ({ NNRS: 0.1, MOOD: 2 + i / 10 }));
    expect(Object.keys(reals)).toEqual(['MOOD']);
  });

  test('without training spectra there is nothing to take', () => {
    expect(() => makeConfig('mlp', grid, ['Co'], [])).toThrow(
      'Expected training spectra that reach from -7 to 18',
    );
  });
});
