import type { DescriptorName } from './descriptor-names.ts';

/** What the network says of one scan, before anyone asked whether to believe it. */
export type Prediction = {
  readonly outputs: Readonly<Partial<Record<DescriptorName, DescriptorOutput>>>;
  /** The shared representation, for distance to the training set. */
  readonly embedding: Float32Array; // [features]
  /** Missing where the model does not read means over sites, as of oxygen. */
  readonly siteMeans?: SiteMeans;
};

/** Descriptors whose mean over the sites of a sample is read. */
export const MEAN_NAMES = ['OS', 'CN', 'OCN'] as const satisfies readonly DescriptorName[];
export type MeanName = (typeof MEAN_NAMES)[number];

export const isMeanName = (name: DescriptorName): name is MeanName =>
  (MEAN_NAMES as readonly DescriptorName[]).includes(name);

/** A class counts as right where the mean lies so near to it. */
export const WITHIN = 0.25;

/** What the network says of the mean of one descriptor over all sites of a sample. */
export type SiteMean = {
  readonly classes: readonly number[];
  /** Share of the sites in each class. */
  readonly shares: Float32Array; // [classes]
  /** Probability that the mean lies within a quarter of each class; the last: of none. */
  readonly within: Float32Array; // [classes + 1]
  readonly mean: number;
  readonly sigma: number;
  /** Probability that sites differ. */
  readonly mixed: number;
};
export type SiteMeans = Readonly<Record<MeanName, SiteMean>> & {
  /** Probability that the spectrum is none that an oxide has. */
  readonly outlier: number;
};

export type DescriptorOutput =
  | { readonly kind: 'class'; readonly classes: readonly number[]; readonly probabilities: Float32Array } // [classes]
  | { readonly kind: 'real'; readonly mean: number; readonly sigma: number };

/**
 * Which model answered, stamped on every event. The hash is the sha256 of its bundle.json, which names all of its
 * files.
 */
export type ModelIdentity = { readonly id: string; readonly hash: string; readonly engine: string };
