import { DESCRIPTOR_NAMES, type DescriptorName } from '../messages/descriptor-names.ts';
import type { DescriptorOutput, Prediction } from '../messages/prediction.ts';
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
    const average = truth.reduce((a, b) => a + b, 0) / truth.length;
    const baseline = realMetrics(
      truth,
      truth.map(() => average),
    );
    return [{ name, kind: 'real', model: realMetrics(truth, predicted), mean: baseline }];
  });
}

/** Mean of the weighted F1 and R2 of all descriptors: the one figure by which weights are chosen. */
export function overallScore(scores: readonly DescriptorScore[]): number {
  const values = scores.map((s) => (s.kind === 'class' ? s.model.weightedF1 : s.model.r2));
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** The most probable class, or the mean. */
export function likeliest(output: DescriptorOutput): number {
  return output.kind === 'real' ? output.mean : output.classes[argMax(output.probabilities)]!;
}

/** Mean over the class probabilities, or the mean: a site average for a mixture. */
export function expectedOf(output: DescriptorOutput): number {
  if (output.kind === 'real') return output.mean;
  return output.classes.reduce((sum, value, i) => sum + value * output.probabilities[i]!, 0);
}

function argMax(values: Float32Array): number {
  return values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
}
