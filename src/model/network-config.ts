import type { DescriptorName } from '../messages/descriptor-names.ts';

/** `transformer` is FT-Transformer-like, `amformer` after AMFormer: patches of the spectrum as tokens. */
export const ARCHITECTURES = ['spt', 'cnn', 'mlp', 'transformer', 'amformer'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** All that decides the network's graph, apart from its weights; part of the manifest. */
export type NetworkConfig = {
  readonly architecture: Architecture;
  /** Energy of each bin relative to the element's reference, eV. */
  readonly offsetsEv: readonly number[]; // [bins]
  /** Row order of the element embedding. */
  readonly elements: readonly string[];
  /**
   * 1 where at least half of the element's training spectra, or of those of one calculation, have the bin; others are
   * masked.
   */
  readonly coverage: readonly (readonly number[])[]; // [elements, bins]
  /** First and last bin (inclusive) whose mean mu the spectrum is divided by: makes the edge step irrelevant. */
  readonly gainBins: readonly [number, number];
  /** First and last bin (inclusive) that every scan covers. */
  readonly requiredBins: readonly [number, number];
  readonly channels: number;
  readonly features: number;
  readonly dropout: number;
  /** Lengths, in points of the pooled axis, to which the sequence is folded: fixed when the model is trained. */
  readonly periods: readonly number[];
  /** Neighbours in energy attend to each other up to this distance, eV. */
  readonly windowEv: number;
  readonly classes: Readonly<Partial<Record<DescriptorName, readonly number[]>>>;
  /** Reals are trained as (value - mean) / scale; the network's last operation undoes it. */
  readonly reals: Readonly<
    Partial<Record<DescriptorName, { readonly mean: number; readonly scale: number }>>
  >;
};
