/**
 * log odds = bias + weights . terms, which are pieces of evidence in standard deviations about their means, and all
 * products of two of them: what one piece is worth depends on the others.
 */
export type LogisticModel = {
  readonly mean: number[]; // [pieces]
  readonly deviation: number[]; // [pieces]
  readonly weights: number[]; // [termCount(pieces)]
  readonly bias: number;
};

/** Each piece of evidence, and the products of all two of them, each also with itself. */
export const termCount = (pieces: number): number => pieces + (pieces * (pieces + 1)) / 2;
/** Where the square of a piece stands among the terms. */
export const termOfSquare = (piece: number, pieces: number): number =>
  pieces + piece * pieces - (piece * (piece - 1)) / 2;

/** Further from the mean nothing is fitted: evidence counts as if it were so many deviations away. */
const FARTHEST = 4;

/** @returns [termCount(pieces)]: the evidence in deviations, then the products: 0 0, 0 1, 0 2, ..., 1 1, 1 2, ... */
export function termsOf(
  evidence: readonly number[],
  scale: Pick<LogisticModel, 'mean' | 'deviation'>,
): number[] {
  const terms = deviationsOf(evidence, scale);
  const pieces = terms.length;
  for (let i = 0; i < pieces; i += 1) for (let j = i; j < pieces; j += 1) terms.push(terms[i]! * terms[j]!);
  return terms;
}

/** Weights and terms without a list of the terms: the gate asks for seven values of a scan. */
export function logOdds(evidence: readonly number[], model: LogisticModel): number {
  const { weights, bias } = model;
  const away = deviationsOf(evidence, model);
  const pieces = away.length;
  let odds = bias;
  for (let i = 0; i < pieces; i += 1) odds += weights[i]! * away[i]!;
  let term = pieces;
  for (let i = 0; i < pieces; i += 1) {
    const own = away[i]!;
    for (let j = i; j < pieces; j += 1) {
      odds += weights[term]! * (own * away[j]!);
      term += 1;
    }
  }
  return odds;
}

function deviationsOf(
  evidence: readonly number[],
  { mean, deviation }: Pick<LogisticModel, 'mean' | 'deviation'>,
): number[] {
  const away: number[] = [];
  for (let i = 0; i < mean.length; i += 1) {
    const own = (evidence[i]! - mean[i]!) / deviation[i]!;
    away.push(Math.min(Math.max(own, -FARTHEST), FARTHEST));
  }
  return away;
}
