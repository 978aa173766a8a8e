import type { DescriptorName } from '../messages/descriptor-names.ts';
import {
  type DescriptorOutput,
  isMeanName,
  type MeanName,
  type Prediction,
  type SiteMean,
  type SiteMeans,
} from '../messages/prediction.ts';
import type { GateInput } from '../messages/prepared.ts';
import { likeliestClass } from './likeliest-class.ts';
import { type LogisticModel, logOdds } from './logistic-model.ts';
import { probabilityWithin } from './probability-within.ts';
import { type Structure, structureOf } from './structure.ts';

/** How likely a value holds; a table weighs those pieces of evidence that there were when it was made. */
export type TrustModel = LogisticModel;

/** What speaks for or against every value of a scan. */
export type Surroundings = {
  /** Probability that no oxide has such a spectrum. */
  readonly outlier: number;
  /** Out-of-distribution score over its limit. */
  readonly outOfDistribution: number;
  /** Standard uncertainty of the scan's energies. */
  readonly energySigmaEv: number;
  /** Noise of one point of mu, by the scan itself. */
  readonly noiseSigma: number;
  readonly structure: Structure;
};

/** @param offsetsEv the model's grid */
export function surroundingsOf(
  { input, preparation }: GateInput,
  offsetsEv: ArrayLike<number>,
  strange: Pick<Surroundings, 'outlier' | 'outOfDistribution'>,
): Surroundings {
  return {
    ...strange,
    energySigmaEv: preparation.energySigmaEv,
    noiseSigma: preparation.noise.sigma,
    structure: structureOf(input, offsetsEv),
  };
}

/** No probability is taken for less than this, or for more than what it leaves to 1. */
const LEAST = 1e-4;
/** Of a computed spectrum. */
const NO_NOISE = 0.003;
/** Measured oxides look odd up to this, computed ones hardly ever (docs/workbench/gating.md): below it none does. */
const ODD_FROM = 0.08;

/**
 * What speaks for a class being the mean of a sample within a quarter: two networks' probabilities, how far the mean
 * that one of them reads lies off and how sure it is of it, whether sites differ, how strange the spectrum is to
 * either, how well its energies are known, and how much structure there is behind the white line, of which steps have
 * too little, how rough the spectrum is where none can be, how much of that is noise of single points, and how much is
 * absorbed well before the edge, where a metal rises.
 * @param probability of the class by the network that reads single sites
 * @returns [EVIDENCE]
 */
export function evidenceFor(
  value: number,
  probability: number,
  mean: SiteMean,
  {
    outlier,
    outOfDistribution,
    energySigmaEv,
    noiseSigma,
    structure: { curvature, amplitude, roughness, early },
  }: Surroundings,
): number[] {
  const index = mean.classes.indexOf(value);
  const of = (probabilities: ArrayLike<number>): number => (index < 0 ? 0 : probabilities[index]!);
  return [
    logit(probability),
    logit(of(mean.within)),
    logit(of(mean.shares)),
    logit(mean.within[mean.classes.length]!),
    logit(mean.mixed),
    logit(Math.max(outlier, ODD_FROM)),
    Math.min(Math.abs(mean.mean - value), 2),
    Math.log(mean.sigma),
    Math.min(outOfDistribution, 3),
    Math.log(Math.max(energySigmaEv, 0.1)),
    curvature,
    amplitude,
    roughness,
    Math.log(noiseSigma + NO_NOISE),
    early,
  ];
}

/** What a value rests on: of a class how likely the network finds it, of a real that it is within its tolerance. */
export function likeliestOf(
  output: DescriptorOutput,
  tolerance: number,
): { readonly value: number; readonly probability: number } {
  if (output.kind === 'real')
    return { value: output.mean, probability: probabilityWithin(tolerance, output.sigma) };
  const { classes, probabilities } = output;
  const best = likeliestClass(probabilities);
  return { value: classes[best]!, probability: probabilities[best]! };
}

/** Whose mean speaks for a descriptor: the networks of means read no second shell and no lengths, but CN. */
export const meanFor = (name: DescriptorName): MeanName => (isMeanName(name) ? name : 'CN');

/**
 * What speaks for a descriptor's value. Of one that has no mean it is what speaks for CN of the same spectrum, with the
 * network's own probability of the value in place of CN's.
 * @param tolerance of a real
 * @returns [EVIDENCE]
 */
export function evidenceOf(
  name: DescriptorName,
  { outputs, siteMeans }: Pick<Prediction, 'outputs'> & { readonly siteMeans: SiteMeans },
  surroundings: Surroundings,
  tolerance: number,
): number[] {
  const by = meanFor(name);
  const own = likeliestOf(outputs[name]!, tolerance);
  const { value } = by === name ? own : likeliestOf(outputs[by]!, tolerance);
  return evidenceFor(value, own.probability, siteMeans[by], surroundings);
}

/** A gate's table that was made earlier weighs the first of them; new ones come last. */
export const EVIDENCE = 15;
/** Where two of them stand. */
export const CURVATURE = 10;
export const AMPLITUDE = 11;
/** Where what is absorbed well before the edge stands. */
export const EARLY = 14;

/** Probability that the class holds for the sample. */
export function trustIn(evidence: readonly number[], trust: TrustModel): number {
  return 1 / (1 + Math.exp(-logOdds(evidence, trust)));
}

/** Log odds, of no probability below LEAST or above what it leaves to 1. */
export function logit(probability: number): number {
  const kept = Math.min(Math.max(probability, LEAST), 1 - LEAST);
  return Math.log(kept / (1 - kept));
}
