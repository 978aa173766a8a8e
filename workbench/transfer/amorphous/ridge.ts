import { Matrix, solve } from 'ml-matrix';
import { mean, variance } from '../../report/statistics.ts';

export type Row = { readonly features: readonly number[]; readonly truth: number };

/** Least squares on standardised features, with a penalty on the squares of the weights. */
export function ridge(train: readonly Row[], penalty: number): (features: readonly number[]) => number {
  const width = train[0]!.features.length;
  const column = (k: number) => train.map(({ features }) => features[k]!);
  const middles = Array.from({ length: width }, (_, k) => mean(column(k)));
  const scales = Array.from({ length: width }, (_, k) => Math.sqrt(variance(column(k))) || 1);
  const standard = (features: readonly number[]) => features.map((x, k) => (x - middles[k]!) / scales[k]!);
  const X = new Matrix(train.map(({ features }) => standard(features))); // [rows, features]
  const middle = mean(train.map(({ truth }) => truth));
  const y = Matrix.columnVector(train.map(({ truth }) => truth - middle));
  const weights = solve(
    X.transpose().mmul(X).add(Matrix.eye(width).mul(penalty)),
    X.transpose().mmul(y),
  ).to1DArray(); // [features]
  return (features) => middle + standard(features).reduce((sum, x, k) => sum + x * weights[k]!, 0);
}
