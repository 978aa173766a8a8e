import { type NearestRows, nearestRows } from '../common/nearest-rows.ts';

/** Embeddings of training spectra with established labels: what the model was trained on for an element. */
export type TrainingEmbeddings = {
  /** Over all training spectra; distances are measured in these units. */
  readonly mean: readonly number[]; // [features]
  readonly scale: readonly number[]; // [features]
  /** Standardised embeddings by element, one after the other. */
  readonly rows: ReadonlyMap<string, Float32Array>; // [rows * features]
};

/**
 * Root mean square difference between an embedding and the nearest of its element's, both standardised; infinite for
 * an element without any.
 */
export function distanceToTraining(
  embedding: ArrayLike<number>,
  element: string,
  trainingEmbeddings: TrainingEmbeddings,
): number {
  const features = trainingEmbeddings.mean.length;
  const rows = trainingEmbeddings.rows.get(element);
  if (rows === undefined || rows.length === 0) return Number.POSITIVE_INFINITY;
  const search = searches.get(rows) ?? nearestRows(rows, features);
  searches.set(rows, search);
  search.search(standardised(embedding, trainingEmbeddings), nearestRow, nearestSquare);
  return Math.sqrt(nearestSquare[0]! / features);
}

/** Made when they are first asked for, of each element's rows. */
const searches = new WeakMap<Float32Array, NearestRows>();
const nearestRow = new Int32Array(1);
const nearestSquare = new Float64Array(1);

export function standardised(embedding: ArrayLike<number>, units: Units): Float32Array {
  const values = new Float32Array(units.mean.length);
  for (let i = 0; i < values.length; i += 1) values[i] = standardisedFeature(embedding, i, units);
  return values;
}

export const standardisedFeature = (
  embedding: ArrayLike<number>,
  i: number,
  { mean, scale }: Units,
): number => (embedding[i]! - mean[i]!) / Math.max(scale[i]!, 1e-6);

type Units = Pick<TrainingEmbeddings, 'mean' | 'scale'>;
