import type { SiteMean } from '../messages/prediction.ts';
import type { Structure } from './structure.ts';

/** log odds that a class holds for the sample = bias + weights . evidence. */
export type TrustModel = { readonly weights: readonly number[]; readonly bias: number };

/** No probability is taken for less than this, or for more than what it leaves to 1. */
const LEAST = 1e-4;

/**
 * What speaks for a class being the mean of a sample within a quarter: two networks' probabilities, how far the mean
 * that one of them reads lies off and how sure it is of it, whether sites differ, how strange the spectrum is, and how
 * well its energies are known, and how much structure there is behind the white line, of which steps have too little.
 * @param probability of the class by the network that reads single sites
 * @param outOfDistribution score over its limit
 * @param energySigmaEv standard uncertainty of the scan's energies
 * @returns [EVIDENCE]
 */
export function evidenceFor(
  value: number,
  probability: number,
  mean: SiteMean,
  outOfDistribution: number,
  energySigmaEv: number,
  { curvature, amplitude }: Structure,
): number[] {
  const index = mean.classes.indexOf(value);
  const of = (probabilities: ArrayLike<number>): number => (index < 0 ? 0 : probabilities[index]!);
  return [
    logit(probability),
    logit(of(mean.within)),
    logit(of(mean.shares)),
    logit(mean.within[mean.classes.length]!),
    logit(mean.mixed),
    Math.min(Math.abs(mean.mean - value), 2),
    Math.log(mean.sigma),
    Math.min(outOfDistribution, 3),
    Math.log(Math.max(energySigmaEv, 0.1)),
    ...[curvature, curvature ** 2, amplitude, amplitude ** 2],
  ];
}

export const EVIDENCE = 13;

/** Probability that the class holds for the sample. */
export function trustIn(evidence: readonly number[], { weights, bias }: TrustModel): number {
  let odds = bias;
  for (let i = 0; i < weights.length; i += 1) odds += weights[i]! * evidence[i]!;
  return 1 / (1 + Math.exp(-odds));
}

function logit(probability: number): number {
  const kept = Math.min(Math.max(probability, LEAST), 1 - LEAST);
  return Math.log(kept / (1 - kept));
}
