import { type LogisticModel, termCount, termsOf } from '../../src/gating/logistic-model.ts';
import { mean } from '../report/statistics.ts';
import { fitLogistic } from './fit-logistic.ts';
import { rounded } from './fit-out-of-distribution.ts';

const PENALTY = 10;
/** The least deviation of a piece of evidence: some are the same for all samples of a set. */
const LEAST_DEVIATION = 0.01;

/**
 * As it stands in the gate's table.
 * @param rows evidence, of which the first `pieces` are weighed; each row counts by its weight
 * @param isTaken which of the terms are learned; the others weigh nothing
 */
export function fitLogisticModel(
  rows: readonly {
    readonly evidence: readonly number[];
    readonly positive: boolean;
    readonly weight: number;
  }[],
  pieces: number,
  isTaken: (term: number) => boolean = () => true,
): LogisticModel {
  const of = Array.from({ length: pieces }, (_, i) => rows.map(({ evidence }) => evidence[i]!));
  const means = of.map((values) => rounded(mean(values)));
  const deviations = of.map((values, i) => {
    const deviation = Math.sqrt(mean(values.map((value) => (value - means[i]!) ** 2)));
    return rounded(Math.max(deviation, LEAST_DEVIATION));
  });
  const scale = { mean: means, deviation: deviations };
  const taken = Array.from({ length: termCount(pieces) }, (_, term) => term).filter(isTaken);
  const { weights, bias } = fitLogistic(
    rows.map(({ evidence, positive, weight }) => {
      const terms = termsOf(evidence, scale);
      return { features: taken.map((term) => terms[term]!), positive, weight };
    }),
    PENALTY,
  );
  const all = new Array<number>(termCount(pieces)).fill(0);
  taken.forEach((term, i) => {
    all[term] = rounded(weights[i]!);
  });
  return { ...scale, weights: all, bias: rounded(bias) };
}
