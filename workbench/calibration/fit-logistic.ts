/** log odds = bias + weights . features. */
export type LogisticModel = { readonly weights: readonly number[]; readonly bias: number };

/**
 * Logistic regression by Newton's method, with a squared penalty on the weights.
 * @param rows features, [rows][features]; each counts by its weight
 * @param penalty in the units of the summed weights: the larger, the smaller the weights
 */
export function fitLogistic(
  rows: readonly {
    readonly features: ArrayLike<number>;
    readonly positive: boolean;
    readonly weight: number;
  }[],
  penalty: number,
): LogisticModel {
  if (rows.length === 0) throw new RangeError('Expected at least one row to fit, got none');
  const size = rows[0]!.features.length + 1; // the last is the bias
  let parameters = new Float64Array(size);
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const gradient = new Float64Array(size);
    const hessian = Array.from({ length: size }, () => new Float64Array(size)); // lower triangle
    for (const { features, positive, weight } of rows) {
      let logit = parameters[size - 1]!;
      for (let i = 0; i < size - 1; i += 1) logit += parameters[i]! * features[i]!;
      const probability = 1 / (1 + Math.exp(-logit));
      const error = weight * (probability - (positive ? 1 : 0));
      const curvature = weight * Math.max(probability * (1 - probability), 1e-6);
      for (let i = 0; i < size; i += 1) {
        const own = i === size - 1 ? 1 : features[i]!;
        gradient[i]! += error * own;
        const row = hessian[i]!;
        const scaled = curvature * own;
        for (let j = 0; j < i; j += 1) row[j]! += scaled * features[j]!;
        row[i]! += scaled * own;
      }
    }
    for (let i = 0; i < size - 1; i += 1) {
      gradient[i]! += penalty * parameters[i]!;
      hessian[i]![i]! += penalty;
    }
    const change = solve(hessian, gradient);
    parameters = parameters.map((value, i) => value - change[i]!);
    if (Math.max(...change.map(Math.abs)) < 1e-6) break;
  }
  return { weights: [...parameters.subarray(0, size - 1)], bias: parameters[size - 1]! };
}

const MAX_STEPS = 30;

/** x of A x = b by Cholesky, A symmetric and positive definite, given by its lower triangle (overwritten). */
function solve(lower: readonly Float64Array[], b: Float64Array): Float64Array {
  const size = b.length;
  for (let i = 0; i < size; i += 1) {
    const row = lower[i]!;
    for (let j = 0; j <= i; j += 1) {
      const other = lower[j]!;
      let sum = row[j]!;
      for (let k = 0; k < j; k += 1) sum -= row[k]! * other[k]!;
      row[j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / other[j]!;
    }
  }
  const x = b.slice();
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k < i; k += 1) x[i]! -= lower[i]![k]! * x[k]!;
    x[i]! /= lower[i]![i]!;
  }
  for (let i = size - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < size; k += 1) x[i]! -= lower[k]![i]! * x[k]!;
    x[i]! /= lower[i]![i]!;
  }
  return x;
}
