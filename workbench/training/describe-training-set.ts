import type { ModelInput } from '../../src/messages/prepared.ts';
import type { Predictor } from '../../src/model/load-model.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { NetworkConfig } from '../../src/model/network-config.ts';
import { mean } from '../report/statistics.ts';

/**
 * Mean and spread of the training spectra's embeddings: the units in which distances between embeddings are measured.
 */
export async function describeTrainingSet(
  predictor: Predictor,
  { features }: Pick<NetworkConfig, 'features'>,
  inputs: readonly ModelInput[],
): Promise<Manifest['embedding']> {
  const all = (await predictor.predict(inputs)).map(({ embedding }) => embedding);
  const column = (f: number) => all.map((embedding) => embedding[f]!);
  const middle = Array.from({ length: features }, (_, f) => rounded(mean(column(f))));
  const scale = middle.map((m, f) => rounded(Math.sqrt(mean(column(f).map((v) => (v - m) ** 2)))));
  return { features, mean: middle, scale };
}

const rounded = (value: number) => Number(value.toPrecision(6));
