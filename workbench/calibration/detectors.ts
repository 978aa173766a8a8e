import type { OutlierClassifier } from '../../src/gating/outlier-classifier.ts';
import { standardised, type TrainingEmbeddings } from '../../src/gating/training-embeddings.ts';
import type { Model } from '../../src/model/load-model.ts';
import type { Site } from '../data/dataset.ts';
import type { Random } from '../data/random.ts';
import { fitOutlierClassifier, withoutOxygen } from './fit-out-of-distribution.ts';
import { NOISE_EDGES } from './judge-elements.ts';
import { type Case, type NoiseLevel, observe } from './observe.ts';

export const CLEAN: NoiseLevel = () => 0;

/** So many embeddings of an element are kept to measure distances from. */
const EMBEDDING_ROWS = 1200;

/**
 * What a model takes for in distribution, from its own training spectra: the gate measures a scan's distance from it.
 */
export type Detectors = {
  readonly trainingEmbeddings: TrainingEmbeddings;
  readonly outlierClassifier: OutlierClassifier;
  readonly training: readonly Case[];
};

/**
 * @param learned what the model was trained on
 * @param nonOxides computed spectra that are none, to fit the classifier with
 */
export async function makeDetectors(
  model: Model,
  learned: readonly Site[],
  nonOxides: readonly Site[],
  random: Random,
): Promise<Detectors> {
  const { grid, references, embedding } = model.manifest;
  const training = await observe(model, learned, [CLEAN], NOISE_EDGES, random);
  const { mean, scale } = embedding;
  const elements = references.map(({ element }) => element);
  const rows = trainingEmbeddingsOf(elements, training, { mean, scale });
  const trainingEmbeddings: TrainingEmbeddings = { mean, scale, rows };
  const outlierClassifier = await fitOutlierClassifier({
    ...{ model, grid, references, random },
    training: learned,
    nonOxides,
    units: trainingEmbeddings,
  });
  return { trainingEmbeddings, outlierClassifier, training };
}

/** Standardised embeddings of oxides' training spectra whose labels were established, not decoded. */
function trainingEmbeddingsOf(
  elements: readonly string[],
  training: readonly Case[],
  units: Pick<TrainingEmbeddings, 'mean' | 'scale'>,
): Map<string, Float32Array> {
  return new Map(
    elements.map((element) => {
      const own = training.filter(
        ({ site }) => site.element === element && !site.decoded && !withoutOxygen(site),
      );
      const rows = Math.min(own.length, EMBEDDING_ROWS);
      const kept = Array.from({ length: rows }, (_, i) => own[Math.floor((i * own.length) / rows)]!);
      const values = kept.flatMap(({ prediction }) => [...standardised(prediction.embedding, units)]);
      return [element, Float32Array.from(values)];
    }),
  );
}
