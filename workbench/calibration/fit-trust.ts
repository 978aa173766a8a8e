import { termCount, termOfSquare, termsOf } from '../../src/gating/logistic-model.ts';
import { AMPLITUDE, CURVATURE, EARLY, EVIDENCE, type TrustModel } from '../../src/gating/trust.ts';
import { mean } from '../report/statistics.ts';
import { fitLogistic } from './fit-logistic.ts';
import { rounded } from './fit-out-of-distribution.ts';

const PENALTY = 10;

/**
 * Products of evidence are learned of groups with so many materials. Of fewer the threshold, which is set on what the
 * products were fitted on, is too low: of the metals beside copper 92% of accepted oxidation states were right instead
 * of 96% (docs/experiments/2026-11-26-site-means-on-a-gpu.md).
 */
export const MANY_MATERIALS = 1000;
/** These have a best value: their squares are learned of any group. */
const STRUCTURE: readonly number[] = [CURVATURE, AMPLITUDE];

/**
 * What is absorbed well before the edge tells half a metal, which groups of few materials cannot learn from elsewhere;
 * what the metal detector lets pass is trusted less for it. Of copper the networks tell it; there it would cost what is
 * right under correlated noise and of mixtures.
 */
const piecesFor = (materials: number): number => (materials >= MANY_MATERIALS ? EARLY : EVIDENCE);

/** The least deviation of a piece of evidence: some are the same for all samples of a set. */
const LEAST_DEVIATION = 0.01;

/**
 * The logistic model of trust in a class.
 * @param rows evidence [EVIDENCE] of samples, and whether the class was right
 * @param materials how many the rows are of
 */
export function fitTrust(
  rows: readonly { readonly evidence: readonly number[]; readonly right: boolean }[],
  materials: number,
): TrustModel {
  const pieces = piecesFor(materials);
  const of = Array.from({ length: pieces }, (_, i) => rows.map(({ evidence }) => evidence[i]!));
  const means = of.map((values) => rounded(mean(values)));
  const deviations = of.map((values, i) => {
    const deviation = Math.sqrt(mean(values.map((value) => (value - means[i]!) ** 2)));
    return rounded(Math.max(deviation, LEAST_DEVIATION));
  });
  const scale = { mean: means, deviation: deviations };
  const squares = STRUCTURE.map((piece) => termOfSquare(piece, pieces));
  const taken = Array.from({ length: termCount(pieces) }, (_, term) => term).filter(
    (term) => term < pieces || materials >= MANY_MATERIALS || squares.includes(term),
  );
  const { weights, bias } = fitLogistic(
    rows.map(({ evidence, right }) => {
      const terms = termsOf(evidence, scale);
      return { features: taken.map((term) => terms[term]!), positive: right, weight: 1 };
    }),
    PENALTY,
  );
  const all = new Array<number>(termCount(pieces)).fill(0);
  taken.forEach((term, i) => {
    all[term] = rounded(weights[i]!);
  });
  return { ...scale, weights: all, bias: rounded(bias) };
}
