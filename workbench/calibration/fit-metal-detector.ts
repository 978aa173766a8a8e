import { absorbedBeforeEdge, RANGES_BEFORE_EDGE } from '../../src/gating/before-edge.ts';
import { type LogisticModel, logOdds } from '../../src/gating/logistic-model.ts';
import type { OnGrid } from '../../src/gating/rulers.ts';
import { conformalQuantile } from './conformal-quantile.ts';
import { fitLogisticModel } from './fit-logistic-model.ts';

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
  const rows = cases.map(({ input, is }) => ({
    is,
    evidence: absorbedBeforeEdge(input, offsetsEv, unknown),
  }));
  const measured = rows.filter(({ evidence }) => evidence.every(Number.isFinite));
  const model = fitLogisticModel(
    measured.map(({ is, evidence }) => {
      const positive = is === 'half a metal';
      return { evidence, positive, weight: positive ? WEIGHT : 1 };
    }),
    RANGES_BEFORE_EDGE,
  );
  const odds = measured.filter(({ is }) => is === 'one site').map(({ evidence }) => logOdds(evidence, model));
  const range = { middle: conformalQuantile(odds, 0.5), limit: conformalQuantile(odds, METAL_UNIT_QUANTILE) };
  return { model, range };
}
