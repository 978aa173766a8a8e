import type { DescriptorName } from './descriptor-names.ts';

/** What the network says of one scan, before anyone asked whether to believe it. */
export type Prediction = {
  readonly outputs: Readonly<Partial<Record<DescriptorName, DescriptorOutput>>>;
  /** The shared representation, for distance to the training set. */
  readonly embedding: Float32Array; // [features]
};

export type DescriptorOutput =
  | { readonly kind: 'class'; readonly classes: readonly number[]; readonly probabilities: Float32Array } // [classes]
  | { readonly kind: 'real'; readonly mean: number; readonly sigma: number };

/**
 * Which model answered, stamped on every event. The hash is the sha256 of its bundle.json, which names all of its
 * files.
 */
export type ModelIdentity = { readonly id: string; readonly hash: string; readonly engine: string };
