import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMPARED_SIGMAS, type CuSite, levelOf } from '../cu-sites.ts';
import { type FoldScores, writeFoldScores } from '../fold-scores.ts';
import type { TreeAnswer, TreeModel } from './ask-trees.ts';
import type { RunName } from './export-spectra.ts';
import { scoreValues } from './score-values.ts';
import type { Exported } from './write-spectra.ts';

export type TreeScores = {
  readonly model: TreeModel;
  readonly run: RunName;
  readonly cpuSeconds: number;
  readonly scores: FoldScores['folds'][number]['scores'];
};

/** Scores of all answers, by the labels of the sites that each run held out. */
export function scoreTrees(
  answers: readonly TreeAnswer[],
  sites: readonly CuSite[],
  { runs }: Exported<RunName>,
): TreeScores[] {
  return answers.map(({ model, run, seconds, predictions }) => {
    const { held } = runs.find(({ name }) => name === run)!;
    const labels = held.map((row) => sites[row]!.labels);
    const scores = Object.fromEntries(
      COMPARED_SIGMAS.map((sigma) => [levelOf(sigma), scoreValues(predictions[String(sigma)]!, labels)]),
    );
    return { model, run, cpuSeconds: seconds, scores };
  });
}

/** Writes scores.json beside this file, a score a line, and the folds of each model among those that are compared. */
export function writeTreeScores(scored: readonly TreeScores[], comparison: string): void {
  const lines = scored.map((each) => JSON.stringify(each));
  writeFileSync(join(import.meta.dirname, 'scores.json'), `[\n${lines.join(',\n')}\n]\n`);
  for (const model of new Set(scored.map((each) => each.model))) {
    const folds = scored.flatMap((each): FoldScores['folds'] => {
      const fold = each.model === model ? /^fold-(\d+)$/.exec(each.run)?.[1] : undefined;
      return fold === undefined ? [] : [{ fold: Number(fold), scores: each.scores }];
    });
    if (folds.length > 0) writeFoldScores(comparison, { model, folds });
  }
}
