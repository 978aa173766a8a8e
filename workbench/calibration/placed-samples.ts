import type { Calibration, GateTable } from '../../src/gating/gate-table.ts';
import type { OutlierOdds } from '../../src/gating/out-of-distribution.ts';
import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { ConditionCase } from './condition-cases.ts';
import { type LikeliestValue, likeliestValue, toleranceOf } from './likeliest-value.ts';
import { placeInTable } from './place-in-table.ts';

/** A sample as a model met it that had not seen its sites. */
export type HeldOutSample = ConditionCase & { readonly distance: number; readonly odds: OutlierOdds };

/** A sample, and where a table places it. */
export type PlacedSample = HeldOutSample & {
  /** Of elements that are calibrated together. */
  readonly group: string;
  /** Of its noise. */
  readonly bin: number;
  /** Out-of-distribution score over its limit. */
  readonly strangeness: number;
};

/** By group. */
export type PlacedSamples = ReadonlyMap<string, readonly PlacedSample[]>;

/** By group: the samples that the table can judge, and of which means were read. */
export function placedSamples(table: GateTable, samples: readonly HeldOutSample[]): PlacedSamples {
  const groups = new Map<string, PlacedSample[]>();
  for (const sample of samples) {
    const place = placeInTable(table, sample);
    if (place === null || sample.prediction.siteMeans === undefined) continue;
    const { element, bin, strangeness } = place;
    const group = element.calibration;
    const own = groups.get(group) ?? [];
    own.push({ ...sample, group, bin, strangeness });
    groups.set(group, own);
  }
  return groups;
}

export const isInDistribution = ({ strangeness }: PlacedSample): boolean => strangeness <= 1;

export const isSingleSite = ({ condition }: HeldOutSample): boolean =>
  !condition.isMixture && !condition.isNothing;

/** Of samples with nothing to find only kinds that are no question of the table are fitted on. */
const LEFT_OUT = /left out/;
export const isFittedNothing = ({ condition: { isNothing, name } }: HeldOutSample): boolean =>
  isNothing === true && !LEFT_OUT.test(name);

/** What is read of one descriptor of a sample. */
export type ReadValue = LikeliestValue & {
  readonly sample: PlacedSample;
  /** The mean over its sites; undefined where there is nothing to find. */
  readonly truth: number | undefined;
  /** Whether the value lies within its tolerance of the truth. */
  readonly right: boolean;
};

/**
 * One descriptor of samples: of those whose truth is known, and of those with nothing to find.
 * @param offsetsEv the model's grid
 */
export function readValues(
  name: DescriptorName,
  calibration: Calibration,
  samples: readonly PlacedSample[],
  offsetsEv: readonly number[],
): ReadValue[] {
  const tolerance = toleranceOf(calibration);
  return samples.flatMap((sample) => {
    const truth = sample.truth[name]?.mean;
    if (truth === undefined && !isFittedNothing(sample)) return [];
    const likeliest = likeliestValue(name, sample, sample.strangeness, offsetsEv, tolerance);
    if (likeliest === null) return [];
    const right = truth !== undefined && Math.abs(truth - likeliest.value) <= tolerance;
    return [{ ...likeliest, sample, truth, right }];
  });
}
