import { evidenceFor, surroundingsOf } from '../../src/gating/trust.ts';
import type { MeanName, SiteMean } from '../../src/messages/prediction.ts';
import type { ConditionCase } from './condition-cases.ts';

/** The class that a model takes for the likeliest, and what speaks for or against it. */
export type LikeliestClass = {
  readonly value: number;
  readonly evidence: number[]; // [EVIDENCE]
  readonly siteMean: SiteMean;
};

/**
 * As the gate looks at a sample; null where the descriptor is no class, or the means were not read.
 * @param strangeness out-of-distribution score over its limit
 * @param offsetsEv the model's grid
 */
export function likeliestClass(
  name: MeanName,
  { prepared, prediction }: Pick<ConditionCase, 'prepared' | 'prediction'>,
  strangeness: number,
  offsetsEv: readonly number[],
): LikeliestClass | null {
  const output = prediction.outputs[name];
  if (output?.kind !== 'class' || prediction.siteMeans === undefined) return null;
  const { classes, probabilities } = output;
  let best = 0;
  for (let i = 1; i < classes.length; i += 1) if (probabilities[i]! > probabilities[best]!) best = i;
  const { [name]: siteMean, outlier } = prediction.siteMeans;
  const surroundings = surroundingsOf(prepared, offsetsEv, { outlier, outOfDistribution: strangeness });
  const value = classes[best]!;
  return { value, evidence: evidenceFor(value, probabilities[best]!, siteMean, surroundings), siteMean };
}
