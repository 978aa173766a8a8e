import type { Calibration, GateTable } from '../../src/gating/gate-table.ts';
import { evidenceOf, likeliestOf, meanFor, surroundingsOf } from '../../src/gating/trust.ts';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import { isMeanName, WITHIN } from '../../src/messages/prediction.ts';
import type { ConditionCase } from './condition-cases.ts';

/** The value that a model takes for the likeliest, and what speaks for or against it. */
export type LikeliestValue = { readonly value: number; readonly evidence: number[] }; // [EVIDENCE]

/**
 * As the gate looks at a sample; null where the model does not read the descriptor, or no means.
 * @param strangeness out-of-distribution score over its limit
 * @param offsetsEv the model's grid
 * @param tolerance within which the value is right
 */
export function likeliestValue(
  name: DescriptorName,
  { prepared, prediction }: Pick<ConditionCase, 'prepared' | 'prediction'>,
  strangeness: number,
  offsetsEv: readonly number[],
  tolerance: number,
): LikeliestValue | null {
  const { outputs, siteMeans } = prediction;
  const output = outputs[name];
  if (output === undefined || outputs[meanFor(name)] === undefined || siteMeans === undefined) return null;
  const { outlier } = siteMeans;
  const surroundings = surroundingsOf(prepared, offsetsEv, { outlier, outOfDistribution: strangeness });
  const evidence = evidenceOf(name, { outputs, siteMeans }, surroundings, tolerance);
  return { value: likeliestOf(output, tolerance).value, evidence };
}

/** How near to the truth a value must lie to be right: of a class to the mean over a sample's sites. */
export const toleranceOf = (calibration: Calibration): number =>
  calibration.kind === 'real' ? calibration.tolerance : WITHIN;

/**
 * Descriptors of a group of elements of which values may be accepted by all that speaks for them: those that a mean is
 * read of, and those of which a table of single sites would accept values.
 */
export function acceptedIn({ calibrations, elements }: GateTable, group: string): DescriptorName[] {
  const targets = Object.values(elements)
    .flatMap(({ short, ...whole }) => (short === undefined ? [whole] : [whole, short]))
    .filter(({ calibration }) => calibration === group);
  return DESCRIPTOR_NAMES.filter((name) => {
    if (calibrations[group]?.[name] === undefined) return false;
    if (isMeanName(name)) return true;
    return targets.some(({ descriptors }) => descriptors[name]?.thresholds.some((each) => each !== null));
  });
}
