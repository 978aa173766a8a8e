import { termOfSquare } from '../../src/gating/logistic-model.ts';
import { AMPLITUDE, CURVATURE, EARLY, EVIDENCE, type TrustModel } from '../../src/gating/trust.ts';
import { fitLogisticModel } from './fit-logistic-model.ts';

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
  const squares = STRUCTURE.map((piece) => termOfSquare(piece, pieces));
  return fitLogisticModel(
    rows.map(({ evidence, right }) => ({ evidence, positive: right, weight: 1 })),
    pieces,
    (term) => term < pieces || materials >= MANY_MATERIALS || squares.includes(term),
  );
}
