/**
 * The fewest classes, most probable first, whose probabilities reach `mass`: their lowest and highest value.
 * @param mass from split conformal calibration, so that the set holds the true class as often as was stated
 */
export function predictionSet(
  classes: readonly number[],
  probabilities: readonly number[],
  mass: number,
): { low: number; high: number } {
  const order = probabilities.map((_, i) => i).sort((a, b) => probabilities[b]! - probabilities[a]!);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let held = 0;
  for (const i of order) {
    low = Math.min(low, classes[i]!);
    high = Math.max(high, classes[i]!);
    held += probabilities[i]!;
    if (held >= mass) break;
  }
  return { low, high };
}

/** Mass that a prediction set needs to hold class `truth`: the score of split conformal calibration. */
export function massToHold(
  classes: readonly number[],
  probabilities: readonly number[],
  truth: number,
): number {
  const at = classes.indexOf(truth);
  if (at < 0) return Number.POSITIVE_INFINITY; // no set of these classes holds it
  const own = probabilities[at]!;
  return probabilities.reduce((sum, p, i) => (p > own || (p === own && i <= at) ? sum + p : sum), 0);
}
