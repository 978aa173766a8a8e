import type { ElementReference, EnergyGrid, ModelInput } from '../../src/messages/prepared.ts';
import type { NetworkConfig } from '../../src/model/network-config.ts';
import type { TrainingRecord } from '../../src/model/training-record.ts';
import type { Site } from '../data/dataset.ts';
import { AUGMENTATION, type Augmentation } from './augment.ts';

export type Recipe = {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly augmentation: Augmentation;
  /** How often a FEFF10 spectrum is seen in an epoch: few beside thousands. */
  readonly repeat: number;
  /** Folders of models whose mean answer is learned beside the labels, and its share of the loss. */
  readonly distillFrom: readonly string[];
  readonly distillationShare: number;
};

export const RECIPE: Recipe = {
  epochs: 60,
  batchSize: 64,
  learningRate: 0.0015,
  weightDecay: 0.02,
  augmentation: AUGMENTATION,
  repeat: 4,
  distillFrom: [],
  distillationShare: 0.7,
};

/** What the manifest is to tell of a training besides its recipe and its course. */
export type Provenance = Pick<
  TrainingRecord,
  | ('command' | 'files' | 'splitRule' | 'allOf' | 'crossFit' | 'families')
  | ('from' | 'without' | 'fold' | 'spectraHash' | 'trainer' | 'why')
>;

export type TrainingPlan = {
  readonly id: string;
  readonly seed: number;
  readonly recipe: Recipe;
  readonly network: NetworkConfig;
  readonly grid: EnergyGrid;
  readonly references: readonly ElementReference[];
  readonly train: readonly Site[];
  /** Chooses the epoch, by the mean of weighted F1 and R2. Without any, the last epoch is kept. */
  readonly val: readonly Site[];
  readonly initial?: ReadonlyMap<string, Float32Array>;
  readonly frozen?: (parameter: string) => boolean;
  readonly provenance: Provenance;
  /** Kept in golden.json: spectra that may be copied. */
  readonly golden: readonly { readonly name: string; readonly input: ModelInput }[];
};
