import type { Series } from '../report/plots/line-chart.ts';
import { mean } from '../report/statistics.ts';
import { type FoldScores, titleOf } from './fold-scores.ts';

/**
 * Mean score over the folds and descriptors against the cost of one spectrum, a panel a noise level. Sizes of one
 * architecture (`spt`, `spt-16`) are one line; a model without a cost, such as trees, is a dashed line across.
 * Models that went through fewer folds than the first, or lack a score, are left out.
 */
export function costCurve(models: readonly FoldScores[]): Series[] {
  const folds = Math.max(...models.map((each) => each.folds.length));
  const whole = models.filter((each) => each.folds.length === folds);
  const costs = whole.flatMap(({ mflop }) => mflop ?? []);
  const ends = [Math.min(...costs), Math.max(...costs)];
  return Object.keys(whole[0]!.folds[0]!.scores).flatMap((level) => {
    const panel = level === 'clean' ? 'noise-free' : `noise sigma ${level}`;
    const lines = new Map<string, [number, number][]>();
    const across: Series[] = [];
    for (const each of whole) {
      const { mflop } = each;
      const model = titleOf(each);
      const score = meanScore(each, level);
      if (Number.isNaN(score)) continue;
      if (mflop === undefined) {
        across.push({ name: model, panel, points: ends.map((end) => [end, score] as const), dashed: true });
        continue;
      }
      const family = model.replace(/-\d+$/, '');
      lines.set(family, [...(lines.get(family) ?? []), [mflop, score]]);
    }
    const curves = [...lines].map(([name, points]) => ({
      name,
      panel,
      points: points.sort(([a], [b]) => a - b),
    }));
    return [...curves, ...across];
  });
}

function meanScore({ folds }: FoldScores, level: string): number {
  return mean(folds.flatMap((fold) => Object.values(fold.scores[level]!)));
}
