import type { Gate, JudgedElement } from './gate-table.ts';
import { oddness, strangeness } from './outlier-classifier.ts';
import { distanceToSupport } from './training-embeddings.ts';

/**
 * How strange a spectrum is to the model, and the limit beyond which nothing of it is accepted: the distance to the
 * nearest training spectrum of its element together with the classifier's verdict, on the scale of the distance.
 * @param judged what the table says of such scans of the element; where it says nothing, novelty is infinite
 */
export function noveltyOf(
  embedding: ArrayLike<number>,
  element: string,
  judged: JudgedElement | undefined,
  bin: number,
  { table, support }: Gate,
): { readonly novelty: number; readonly noveltyLimit: number } {
  if (judged === undefined) return { novelty: Number.POSITIVE_INFINITY, noveltyLimit: 0 };
  const noveltyLimit = judged.noveltyLimit[bin]!;
  const distance = distanceToSupport(embedding, element, support);
  const odds = oddness(embedding, element, table.oddness, support);
  return {
    novelty: noveltyLimit * strangeness(distance, noveltyLimit, odds, judged.oddness[bin]!),
    noveltyLimit,
  };
}
