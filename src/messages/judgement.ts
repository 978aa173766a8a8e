import type { DescriptorName } from './descriptor-names.ts';
import type { MeanName } from './prediction.ts';
import type { ReferenceReading } from './standard.ts';

export type Verdict = 'ACCEPT' | 'FLAG' | 'REJECT';

/** What an agent should do about the scan as a whole. */
export type Advice = 'ACCEPT' | 'ACCUMULATE' | 'RESCAN' | 'INSPECT';

export const VERDICT_REASONS = {
  ok: 'inside what was calibrated, and confident enough',
  'noise-above-threshold': 'the scan is noisier than this descriptor tolerates at the accuracy target',
  'low-confidence': 'the value is trusted less than what is accepted at this noise',
  'wide-interval': 'the likely error is larger than is of use',
  'out-of-distribution': 'the spectrum lies far from every spectrum the model was trained on',
  'uncalibrated-element':
    'held-out spectra of this element do not show the accuracy target for this descriptor: too few, or too often wrong',
  'outside-classes': 'the value lies outside the range of the training labels',
  'no-standard':
    'theory does not settle the class of this measured scan: read the mean, best by standards of the beamline',
  'standards-disagree':
    'by the standards of the beamline the mean lies outside of what the model reads: one of them may be mislabelled',
  'mixed-sites': 'sites of the sample differ, so that no class holds for all of them: read the mean',
} as const;

export type VerdictReason = keyof typeof VERDICT_REASONS;

/** Above this probability sites more probably differ than not: a class that falls short is flagged for it. */
export const SITES_DIFFER = 0.5;

/** One descriptor's value and how far it can be trusted. */
export type JudgedDescriptor = {
  readonly name: DescriptorName;
  readonly kind: 'class' | 'real';
  readonly unit: string;
  /** Most probable class, or the predicted real. */
  readonly value: number;
  /** Mean over the class probabilities, or the predicted real. It snaps to a class: means over sites are `means`. */
  readonly expected: number;
  readonly classes: readonly number[];
  readonly probabilities: readonly number[];
  /** Calibrated probability of `value`, or null for a real. */
  readonly confidence: number | null;
  /**
   * Interval that holds the true value with probability `level`. Where it was never calibrated, a class has all classes
   * in it, and a real the network's own interval with level 0.
   */
  readonly low: number;
  readonly high: number;
  readonly level: number;
  /** Noise sigma above which this descriptor is not accepted; what the dashboard draws beneath the timelines. */
  readonly noiseThreshold: number;
  readonly verdict: Verdict;
  readonly reason: VerdictReason;
  /**
   * Probability that `value` is right by all that the gate weighs, of a real that it is right within its tolerance:
   * what is held against the threshold. Null where nothing is calibrated for the element.
   */
  readonly trust: number | null;
  /** Least trust that is accepted at the scan's noise, more where neighbouring points err alike; null: none is. */
  readonly trustThreshold: number | null;
};

/** How a mean was read: by the network; from one standard of the beamline on; between two or more of them. */
export const MEAN_METHODS = ['network', 'one-standard', 'standards'] as const;
export type MeanMethod = (typeof MEAN_METHODS)[number];

/** The mean of a descriptor over all sites of the sample, which is what a measurement sees. */
export type JudgedMean = {
  readonly name: MeanName;
  readonly value: number;
  /** Interval that holds the true mean with probability `level`. */
  readonly low: number;
  readonly high: number;
  readonly level: number;
  readonly verdict: Verdict;
  readonly reason: VerdictReason;
  readonly method: MeanMethod;
};

/** By how much the mean oxidation state differs from that of the reference scan of the run and sample. */
export type JudgedChange = {
  readonly name: 'OS';
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
  /** Id of the reference scan. */
  readonly since: string;
};

export type Judgement = {
  readonly descriptors: readonly JudgedDescriptor[];
  /** Empty where the model does not read means, as of oxygen. */
  readonly means: readonly JudgedMean[];
  /** Probability that sites of the sample differ in oxidation state or coordination; null where it is not read. */
  readonly mixedSites: number | null;
  readonly change: JudgedChange | null;
  readonly advice: Advice;
  /** One sentence for a person. */
  readonly adviceReason: string;
  /** Set to accumulate: how many scans as noisy as this one must be averaged with it; a mean's members count as one. */
  readonly repeatsNeeded?: number;
  /** How unlike all training spectra it is, and the limit that this is held against. */
  readonly outOfDistributionScore: number;
  readonly outOfDistributionLimit: number;
  /** Set where this scan becomes what later ones of its run and sample are compared with. */
  readonly reference?: ReferenceReading | null;
};
