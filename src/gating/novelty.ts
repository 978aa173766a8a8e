import type { Gate } from './gate-table.ts';
import { oddness, strangeness } from './oddness.ts';
import { distanceToSupport } from './support.ts';

/**
 * How strange a spectrum is to the model, and the limit beyond which nothing of it is accepted: the distance to the
 * nearest training spectrum of its element together with the classifier's verdict, on the scale of the distance.
 * Infinite for an element that the table does not know.
 */
export function noveltyOf(
  embedding: ArrayLike<number>,
  element: string,
  bin: number,
  { table, support }: Gate,
): { readonly novelty: number; readonly noveltyLimit: number } {
  const known = table.elements[element];
  if (known === undefined) return { novelty: Number.POSITIVE_INFINITY, noveltyLimit: 0 };
  const noveltyLimit = known.noveltyLimit[bin]!;
  const distance = distanceToSupport(embedding, element, support);
  const odds = oddness(embedding, element, table.oddness, support);
  return {
    novelty: noveltyLimit * strangeness(distance, noveltyLimit, odds, known.oddness[bin]!),
    noveltyLimit,
  };
}
