import { mean, mostFrequent } from '../report/statistics.ts';

/** Weighted and macro F1 and accuracy of classes; a class counts by how often it is true. */
export type ClassMetrics = {
  readonly count: number;
  readonly weightedF1: number;
  readonly macroF1: number;
  readonly accuracy: number;
};

export type RealMetrics = { readonly count: number; readonly r2: number; readonly mae: number };

export function classMetrics(truth: readonly number[], predicted: readonly number[]): ClassMetrics {
  sameLength(truth, predicted);
  const classes = [...new Set(truth)];
  const f1 = classes.map((c) => {
    const hits = truth.filter((t, i) => t === c && predicted[i] === c).length;
    const said = predicted.filter((p) => p === c).length;
    const real = truth.filter((t) => t === c).length;
    return { real, value: (2 * hits) / (said + real) };
  });
  const count = truth.length;
  return {
    count,
    weightedF1: f1.reduce((sum, { real, value }) => sum + (real * value) / count, 0),
    macroF1: f1.reduce((sum, { value }) => sum + value, 0) / classes.length,
    accuracy: truth.filter((t, i) => predicted[i] === t).length / count,
  };
}

export function realMetrics(truth: readonly number[], predicted: readonly number[]): RealMetrics {
  sameLength(truth, predicted);
  const middle = mean(truth);
  const residual = truth.reduce((sum, t, i) => sum + (t - predicted[i]!) ** 2, 0);
  const spread = truth.reduce((sum, t) => sum + (t - middle) ** 2, 0);
  const mae = truth.reduce((sum, t, i) => sum + Math.abs(t - predicted[i]!), 0) / truth.length;
  return { count: truth.length, r2: 1 - residual / spread, mae };
}

/** What one gets by always saying the most frequent class of these very truths: no model, and no fairer opponent. */
export function majorityMetrics(truth: readonly number[]): ClassMetrics & { readonly majority: number } {
  const majority = mostFrequent(truth);
  return {
    majority,
    ...classMetrics(
      truth,
      truth.map(() => majority),
    ),
  };
}

function sameLength(truth: readonly number[], predicted: readonly number[]): void {
  if (truth.length === predicted.length && truth.length > 0) return;
  throw new RangeError(
    `Expected as many predictions as truths, and at least one, got ${predicted.length} and ${truth.length}`,
  );
}
