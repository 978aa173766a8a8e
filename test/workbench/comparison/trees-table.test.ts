import { expect, test } from '@jest/globals';
import type { CuSite } from '../../../workbench/comparison/cu-sites.ts';
import { scoreTrees } from '../../../workbench/comparison/trees/score-trees.ts';
import { treesTable } from '../../../workbench/comparison/trees/trees-table.ts';

const sites = [{ labels: { OS: 1 } }, { labels: { OS: 2 } }, { labels: { OS: 2 } }] as unknown as CuSite[];
const runs = [
  { name: 'test', train: [0], held: [1, 2] },
  { name: 'fold-0', train: [0, 1], held: [2] },
] as const;

test('answers are scored by the labels of the sites that their run held out', () => {
  const predictions = { '0': { OS: [2, 2] }, '0.05': { OS: [2, 1] } };
  const exported = { bins: 1, copies: 2, descriptors: [], runs };
  const answer = { model: 'xgboost', run: 'test', seconds: 12.3, predictions } as const;
  expect(scoreTrees([answer], sites, exported)).toEqual([
    { model: 'xgboost', run: 'test', cpuSeconds: 12.3, scores: { clean: { OS: 1 }, '0.05': { OS: 0.6667 } } },
  ]);
});

test('the table shows the test split alone, with the mean over the descriptors', () => {
  const values = { OS: 0.7, CN: 0.7, CN2: 0.7, OCN: 0.7, PSGO: 0.7, NNRS: 0, MOOD: 0 };
  const scored = (run: 'test' | 'fold-0') =>
    ({ model: 'extra-trees', run, cpuSeconds: 29.2, scores: { clean: values } }) as const;
  const table = treesTable([scored('test'), scored('fold-0')], { copies: 2, runs });
  expect(table).toContain('trained on 1 sites (each once clean and 2 times augmented)');
  expect(table).toContain('Made by `npm run workbench -- compare-trees`');
  expect(table.match(/^\| extra-trees .*$/gm)).toEqual([
    '| extra-trees | clean | 0.700 | 0.700 | 0.700 | 0.700 | 0.700 | 0.000 | 0.000 | 0.500 | 29 |',
  ]);
});
