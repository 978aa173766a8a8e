import type { Answer } from '../../evaluation/judge-sites.ts';
import { realMetrics } from '../../evaluation/metrics.ts';
import { expectedOf } from '../../evaluation/score.ts';
import { mean, variance } from '../../report/statistics.ts';
import { type Row, ridge } from './ridge.ts';

/** Coordination by CrystalNN, and what may be learned in its place. */
const TARGETS: Readonly<Record<string, (answer: Answer) => number | null>> = {
  'CN (CrystalNN), as a real': ({ site }) => site.labels.CN ?? null,
  "mean of CrystalNN's probabilities": ({ site }) => site.softCn?.crystalNN ?? null,
  'ECoN, by bond lengths': ({ site }) => site.softCn?.econ ?? null,
  'bond valences, shared': ({ site }) => site.softCn?.bondValence ?? null,
};
const PENALTIES = [1, 3, 10, 30, 100, 300, 1000];

export type SoftRow = {
  readonly target: string;
  readonly sites: number;
  /** Standard deviation of the target. */
  readonly spread: number;
  /** R2 and mean absolute error of the mean of the other cells, of a ridge on the embedding, of the network's CN. */
  readonly others: Fit;
  readonly ridge: Fit;
  readonly network: Fit;
};
type Fit = { readonly r2: number; readonly mae: number };

/**
 * How well each can be read from the shipped model's embedding, cell by cell: a ridge regression that saw the other
 * cells alone, its penalty chosen among these in the same way. Beside it the mean of the other cells, and what the
 * network itself expects CN to be, which learned from crystals.
 */
export function softCoordination(answers: readonly Answer[]): SoftRow[] {
  return Object.entries(TARGETS).flatMap(([target, of]): SoftRow[] => {
    const rows = answers.flatMap((answer) => {
      const truth = of(answer);
      if (truth === null) return [];
      const features = [...answer.prediction.embedding];
      return [
        { cell: answer.site.material, features, truth, network: expectedOf(answer.prediction.outputs.CN!) },
      ];
    });
    if (new Set(rows.map(({ cell }) => cell)).size < 3) return [];
    const truth = rows.map((row) => row.truth);
    const fitOf = (said: readonly number[]): Fit => realMetrics(truth, said);
    return [
      {
        target,
        sites: rows.length,
        spread: Math.sqrt(variance(truth)),
        others: fitOf(byCell(rows, (train) => () => mean(train.map((row) => row.truth)))),
        ridge: fitOf(byCell(rows, (train) => ridge(train, bestPenalty(train)))),
        network: fitOf(rows.map(({ network }) => network)),
      },
    ];
  });
}

type CellRow = Row & { readonly cell: string };
type Reader = (features: readonly number[]) => number;

/** What is said of each row by a reader that was made from the rows of other cells. */
function byCell(rows: readonly CellRow[], learn: (train: readonly CellRow[]) => Reader): number[] {
  const readers = new Map(
    [...new Set(rows.map(({ cell }) => cell))].map((held) => [
      held,
      learn(rows.filter(({ cell }) => cell !== held)),
    ]),
  );
  return rows.map(({ cell, features }) => readers.get(cell)!(features));
}

function bestPenalty(train: readonly CellRow[]): number {
  const truth = train.map((row) => row.truth);
  const errors = PENALTIES.map((penalty) => {
    const said = byCell(train, (rest) => ridge(rest, penalty));
    return truth.reduce((sum, value, i) => sum + (value - said[i]!) ** 2, 0);
  });
  return PENALTIES[errors.indexOf(Math.min(...errors))]!;
}
