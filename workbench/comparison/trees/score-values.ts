import { DESCRIPTORS, type DescriptorName } from '../../../src/messages/descriptor-names.ts';
import { classMetrics, realMetrics } from '../../evaluation/metrics.ts';
import type { Labels } from '../../evaluation/score.ts';

/**
 * Weighted F1 of classes and R2 of reals, over the sites that have the label: the metrics that networks are scored by.
 */
export function scoreValues(
  values: Readonly<Record<string, readonly number[]>>,
  labels: readonly Labels[],
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).map(([key, predicted]) => {
      const name = key as DescriptorName;
      if (predicted.length !== labels.length)
        throw new RangeError(`Expected ${labels.length} values of ${name}, got ${predicted.length}`);
      const rows = labels.flatMap((label, i) => {
        return label[name] === undefined ? [] : [[label[name], predicted[i]!] as const];
      });
      const truth = rows.map(([value]) => value);
      const said = rows.map(([, value]) => value);
      const score =
        DESCRIPTORS[name].kind === 'class'
          ? classMetrics(truth, said).weightedF1
          : realMetrics(truth, said).r2;
      return [name, Math.round(score * 1e4) / 1e4];
    }),
  );
}
