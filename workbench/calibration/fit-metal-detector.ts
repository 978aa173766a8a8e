import { absorbedBeforeEdge, RANGES_BEFORE_EDGE } from '../../src/gating/before-edge.ts';
import { type LogisticModel, logOdds, termsOf } from '../../src/gating/logistic-model.ts';
import type { OnGrid } from '../../src/gating/rulers.ts';
import { mean } from '../report/statistics.ts';
import { conformalQuantile } from './conformal-quantile.ts';
import { fitLogistic } from './fit-logistic.ts';
import { rounded } from './fit-out-of-distribution.ts';

const PENALTY = 10;
/** There are twenty oxides for each half metal. */
const WEIGHT = 3;
/**
 * The odds count from the middle of those of oxides, in units of what a tenth of them exceed, half of which are out of
 * distribution by other figures.
 */
const METAL_UNIT_QUANTILE = 0.9;

export type MetalDetector = {
  readonly model: LogisticModel;
  /** Of the odds of oxides of one site, under all conditions. */
  readonly range: { readonly middle: number; readonly limit: number };
};

/** A sample on the model's grid. */
export type MetalCase = {
  readonly input: OnGrid;
  readonly is: 'half a metal' | 'one site' | 'mixture';
};

/**
 * Tells what is metal in part from oxides by what is absorbed before the edge. No network has a say: those that have
 * learned oxides take a metal's shoulder for a weak line before the edge.
 * @param offsetsEv the model's grid
 * @returns null where there are no half metals
 */
export function fitMetalDetector(
  cases: readonly MetalCase[],
  offsetsEv: ArrayLike<number>,
): MetalDetector | null {
  if (!cases.some(({ is }) => is === 'half a metal')) return null;
  const unknown = new Array<number>(RANGES_BEFORE_EDGE).fill(Number.NaN);
  const rows = cases.map(({ input, is }) => ({ is, pieces: absorbedBeforeEdge(input, offsetsEv, unknown) }));
  const measured = rows.filter(({ pieces }) => pieces.every(Number.isFinite));
  const of = Array.from({ length: RANGES_BEFORE_EDGE }, (_, i) => measured.map((row) => row.pieces[i]!));
  const means = of.map((values) => rounded(mean(values)));
  const deviation = of.map((values, i) =>
    rounded(Math.sqrt(mean(values.map((value) => (value - means[i]!) ** 2)))),
  );
  const scale = { mean: means, deviation };
  const { weights, bias } = fitLogistic(
    measured.map(({ is, pieces }) => ({
      features: termsOf(pieces, scale),
      positive: is === 'half a metal',
      weight: is === 'half a metal' ? WEIGHT : 1,
    })),
    PENALTY,
  );
  const model = { ...scale, weights: weights.map(rounded), bias: rounded(bias) };
  const odds = measured.filter(({ is }) => is === 'one site').map(({ pieces }) => logOdds(pieces, model));
  const range = { middle: conformalQuantile(odds, 0.5), limit: conformalQuantile(odds, METAL_UNIT_QUANTILE) };
  return { model, range };
}
