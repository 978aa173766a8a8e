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
  const own = standardised(embedding, trainingEmbeddings);
  let nearest = Number.POSITIVE_INFINITY;
  for (let start = 0; start < rows.length; start += features) {
    let sum = 0;
    // Most rows are far: they are left as soon as that shows.
    for (let i = 0; i < features && sum < nearest; i += STRIDE) {
      const end = Math.min(features, i + STRIDE);
      for (let k = i; k < end; k += 1) {
        const difference = rows[start + k]! - own[k]!;
        sum += difference * difference;
      }
    }
    if (sum < nearest) nearest = sum;
  }
  return Math.sqrt(nearest / features);
}

const STRIDE = 16;

export function standardised(
  embedding: ArrayLike<number>,
  { mean, scale }: Pick<TrainingEmbeddings, 'mean' | 'scale'>,
): Float32Array {
  const values = new Float32Array(mean.length);
  for (let i = 0; i < values.length; i += 1) {
    values[i] = (embedding[i]! - mean[i]!) / Math.max(scale[i]!, 1e-6);
  }
  return values;
}
