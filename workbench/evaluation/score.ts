import { likeliestClass } from '../../src/gating/likeliest-class.ts';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { DescriptorOutput, Prediction } from '../../src/messages/prediction.ts';
import { mean } from '../report/statistics.ts';
import {
  type ClassMetrics,
  classMetrics,
  majorityMetrics,
  type RealMetrics,
  realMetrics,
} from './metrics.ts';

export type Labels = Readonly<Partial<Record<DescriptorName, number>>>;

export type DescriptorScore =
  | {
      readonly name: DescriptorName;
      readonly kind: 'class';
      readonly model: ClassMetrics;
      readonly majority: ClassMetrics;
    }
  | {
      readonly name: DescriptorName;
      readonly kind: 'real';
      readonly model: RealMetrics;
      readonly mean: RealMetrics;
    };

/** Scores each descriptor over the sites that have its label; one that nobody has is left out. */
export function scoreDescriptors(
  predictions: readonly Prediction[],
  labels: readonly Labels[],
): readonly DescriptorScore[] {
  return DESCRIPTOR_NAMES.flatMap((name): DescriptorScore[] => {
    const rows = labels.flatMap((label, i) => {
      const output = predictions[i]?.outputs[name];
      return label[name] === undefined || output === undefined ? [] : [{ truth: label[name], output }];
    });
    if (rows.length === 0) return [];
    const truth = rows.map((row) => row.truth);
    const predicted = rows.map((row) => likeliest(row.output));
    if (rows[0]!.output.kind === 'class') {
      return [
        { name, kind: 'class', model: classMetrics(truth, predicted), majority: majorityMetrics(truth) },
      ];
    }
    const average = mean(truth);
    const baseline = truth.map(() => average);
    return [
      { name, kind: 'real', model: spreadMetrics(truth, predicted), mean: spreadMetrics(truth, baseline) },
    ];
  });
}

/** R2 is NaN where labels do not differ, as one alone does not: their spread is 0, or what rounding leaves of it. */
function spreadMetrics(truth: readonly number[], predicted: readonly number[]): RealMetrics {
  const metrics = realMetrics(truth, predicted);
  return truth.every((value) => value === truth[0]) ? { ...metrics, r2: Number.NaN } : metrics;
}

/** Weighted F1, or R2. */
export function plainScore(score: DescriptorScore): number {
  return score.kind === 'class' ? score.model.weightedF1 : score.model.r2;
}

/**
 * Mean of the weighted F1 and R2 of all descriptors that have one: the one figure by which weights are chosen. Null
 * without any.
 */
export function overallScore(scores: readonly DescriptorScore[]): number | null {
  const values = scores.map(plainScore).filter(Number.isFinite);
  return values.length === 0 ? null : mean(values);
}

/** The most probable class, or the mean. */
export function likeliest(output: DescriptorOutput): number {
  return output.kind === 'real' ? output.mean : output.classes[likeliestClass(output.probabilities)]!;
}

/** Mean over the class probabilities, or the mean: a site average for a mixture. */
export function expectedOf(output: DescriptorOutput): number {
  if (output.kind === 'real') return output.mean;
  return output.classes.reduce((sum, value, i) => sum + value * output.probabilities[i]!, 0);
}
