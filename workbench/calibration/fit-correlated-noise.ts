import { type GateTable, type JudgedElement, judgedAs } from '../../src/gating/gate-table.ts';
import { trustIn } from '../../src/gating/trust.ts';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import { chooseThreshold, type Trial } from './choose-threshold.ts';
import { isInDistribution, isSingleSite, type PlacedSamples, readValues } from './placed-samples.ts';

/**
 * Of single sites whose neighbouring points err alike. Two points above the 95% that are promised, because what is
 * fitted on so few samples comes out two points lower on materials that took no part (`field-test`).
 */
const ACCURACY = 0.97;
/** By the Clopper-Pearson bound of this confidence. */
const CONFIDENCE = 0.5;

/**
 * Adds to the gate's table how far a value must be trusted where neighbouring points err alike: of the samples in which
 * that is seen, and of what their noise would have accepted. By groups of elements that were calibrated together. Where
 * these are too few to show that any trust is enough (23 sites, all of them right), none is.
 * @param table that has been made otherwise, trust and thresholds with it
 * @param offsetsEv the model's grid
 */
export function fitCorrelatedNoise(
  table: GateTable,
  samples: PlacedSamples,
  offsetsEv: readonly number[],
): GateTable {
  const trials = new Map<string, Trial[]>();
  for (const [group, placed] of samples) {
    const correlated = placed.filter(
      (sample) =>
        sample.prepared.preparation.hasCorrelatedNoise && isSingleSite(sample) && isInDistribution(sample),
    );
    for (const name of DESCRIPTOR_NAMES) {
      const calibration = table.calibrations[group]?.[name];
      if (calibration?.trust === undefined) continue;
      const { trust } = calibration;
      const own = readValues(name, calibration, correlated, offsetsEv).flatMap(
        ({ sample, evidence, right }) => {
          const threshold = judgedAs(table, sample.prepared.input)?.descriptors[name]?.thresholds[sample.bin];
          const confidence = trustIn(evidence, trust);
          return threshold == null || confidence < threshold
            ? []
            : [{ site: sample.site.id, right, confidence }];
        },
      );
      trials.set(keyOf(group, name), own);
    }
  }
  const asked = <J extends JudgedElement>(judged: J): J => ({
    ...judged,
    descriptors: Object.fromEntries(
      Object.entries(judged.descriptors).map(([key, target]) => {
        const [group, name] = [judged.calibration, key as DescriptorName];
        if (table.calibrations[group]?.[name]?.trust === undefined) return [name, target];
        const own = trials.get(keyOf(group, name)) ?? [];
        return [name, { ...target, correlatedThreshold: chooseThreshold(own, ACCURACY, CONFIDENCE) }];
      }),
    ),
  });
  const elements = Object.fromEntries(
    Object.entries(table.elements).map(([element, { short, ...whole }]) => [
      element,
      { ...asked(whole), ...(short && { short: asked(short) }) },
    ]),
  );
  return { ...table, elements };
}

const keyOf = (group: string, name: DescriptorName): string => `${group}\n${name}`;
