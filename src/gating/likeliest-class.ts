/**
 * Where the most probable class stands; the first of several that are alike.
 * @param probabilities [classes], of at least one class
 */
export function likeliestClass(probabilities: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < probabilities.length; i += 1) if (probabilities[i]! > probabilities[best]!) best = i;
  return best;
}
