import type { Gate, JudgedElement } from './gate-table.ts';
import { outlierScore, outOfDistributionScore } from './outlier-classifier.ts';
import { distanceToTraining } from './training-embeddings.ts';

/**
 * The out-of-distribution score of a spectrum, and the limit beyond which nothing of it is accepted: the distance to
 * the nearest training spectrum of its element together with the classifier's verdict, on the scale of the distance.
 * @param judged what the table says of such scans of the element; where it says nothing, novelty is infinite
 */
export function outOfDistributionOf(
  embedding: ArrayLike<number>,
  element: string,
  judged: JudgedElement | undefined,
  bin: number,
  { table, trainingEmbeddings }: Gate,
): { readonly outOfDistributionScore: number; readonly outOfDistributionLimit: number } {
  if (judged === undefined)
    return { outOfDistributionScore: Number.POSITIVE_INFINITY, outOfDistributionLimit: 0 };
  const outOfDistributionLimit = judged.outOfDistributionLimit[bin]!;
  const distance = distanceToTraining(embedding, element, trainingEmbeddings);
  const odds = outlierScore(embedding, element, table.outlierClassifier, trainingEmbeddings);
  return {
    outOfDistributionScore:
      outOfDistributionLimit *
      outOfDistributionScore(distance, outOfDistributionLimit, odds, judged.outlierRanges[bin]!),
    outOfDistributionLimit,
  };
}
