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
  const reached = Math.min(floor, Math.max(...probabilities));
  const held = classes.filter((_, i) => probabilities[i]! >= reached);
  return { low: Math.min(...held), high: Math.max(...held) };
}
