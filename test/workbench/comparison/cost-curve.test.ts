import { expect, test } from '@jest/globals';
import { costCurve } from '../../../workbench/comparison/cost-curve.ts';

const folds = (score: number, count = 2) =>
  Array.from({ length: count }, (_, fold) => ({ fold, scores: { clean: { OS: score, CN: score + 0.2 } } }));

test('sizes of one architecture are a line by cost, what has no cost lies across, and half-done models are left out', () => {
  const series = costCurve([
    { model: 'spt', mflop: 4, folds: folds(0.6) },
    { model: 'spt-16', mflop: 1, folds: folds(0.5) },
    { model: 'trees', folds: folds(0.4) },
    { model: 'cnn', mflop: 2, folds: folds(0.9, 1) },
  ]);
  expect(series.map(({ name, panel, dashed }) => ({ name, panel, dashed }))).toEqual([
    { name: 'spt', panel: 'noise-free', dashed: undefined },
    { name: 'trees', panel: 'noise-free', dashed: true },
  ]);
  const [spt, trees] = series.map(({ points }) => points.map(([x, y]) => [x, Number(y.toFixed(6))]));
  expect(spt).toEqual([
    [1, 0.6],
    [4, 0.7],
  ]);
  expect(trees).toEqual([
    [1, 0.5],
    [4, 0.5],
  ]);
});
