import { mean, variance } from '../report/statistics.ts';

/** Two-sided 95% points of Student's t for 1 to 10 degrees of freedom. */
const T_95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

/**
 * Mean difference a - b of two models' scores on the same folds, and half of its 95% interval.
 *
 * Folds share most of their training data, so that their differences are not independent and the plain t interval is
 * too narrow. The variance of the mean is corrected from s^2 / k to s^2 (1 / k + n_test / n_train), here 1 / (k - 1)
 * for the latter (Nadeau and Bengio, Machine Learning 52, 239-281, 2003).
 */
export function pairedDifference(
  a: readonly number[],
  b: readonly number[],
): { readonly mean: number; readonly half: number } {
  const folds = a.length;
  const t = T_95[folds - 2];
  if (b.length !== folds || t === undefined)
    throw new RangeError(`Expected the same 2 to 11 folds of both models, got ${folds} and ${b.length}`);
  const differences = a.map((value, i) => value - b[i]!);
  const s2 = variance(differences, folds - 1);
  return { mean: mean(differences), half: t * Math.sqrt(s2 * (1 / folds + 1 / (folds - 1))) };
}
