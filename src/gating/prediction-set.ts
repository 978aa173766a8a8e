/**
 * Lowest and highest of the classes that are at least as probable as `floor`, and of the most probable one.
 * @param floor from split conformal calibration on 1 - P(true class), which gives the smallest sets that hold the true
 * class as often as was stated (Sadinle et al., Least Ambiguous Set-Valued Classifiers, arXiv 1609.00451)
 */
export function predictionSet(
  classes: readonly number[],
  probabilities: readonly number[],
  floor: number,
): { low: number; high: number } {
  let most = 0;
  for (const probability of probabilities) if (probability > most) most = probability;
  const reached = Math.min(floor, most);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < classes.length; i += 1) {
    if (!(probabilities[i]! >= reached)) continue;
    low = Math.min(low, classes[i]!);
    high = Math.max(high, classes[i]!);
  }
  return { low, high };
}
