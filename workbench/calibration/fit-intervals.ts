import type { Calibration, GateTable, MeanCalibration } from '../../src/gating/gate-table.ts';
import { scaleProbabilities } from '../../src/gating/scale-probabilities.ts';
import { trustIn } from '../../src/gating/trust.ts';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import { isMeanName, type MeanName } from '../../src/messages/prediction.ts';
import { intervalsByTrust } from './intervals-by-trust.ts';
import { meanCalibrationOf } from './mean-calibration.ts';
import {
  isInDistribution,
  isSingleSite,
  type PlacedSamples,
  type ReadValue,
  readValues,
} from './placed-samples.ts';

/**
 * Adds to the gate's table the intervals of values whose trust is calibrated, and of means over sites: from samples
 * under every condition. Trust and thresholds stay as they are, so that nothing else is accepted than before.
 * @param table with trust (fit-values.ts), whenever that was fitted
 * @param offsetsEv the model's grid
 */
export function fitIntervals(
  table: GateTable,
  samples: PlacedSamples,
  offsetsEv: readonly number[],
): GateTable {
  const calibrations = { ...table.calibrations };
  const means = { ...table.means };
  for (const [group, placed] of samples) {
    const own = placed.filter(isInDistribution);
    const ofGroup = { ...calibrations[group]! };
    const ofMeans: Partial<Record<MeanName, MeanCalibration>> = {};
    for (const name of DESCRIPTOR_NAMES) {
      const calibration = ofGroup[name];
      if (calibration?.trust === undefined) continue;
      const { trust } = calibration;
      const read = readValues(name, calibration, own, offsetsEv);
      if (read.every(({ truth }) => truth === undefined)) continue;
      const scores = read.flatMap((value) => {
        if (value.truth === undefined || !isSingleSite(value.sample)) return [];
        return [
          {
            trust: trustIn(value.evidence, trust),
            score: scoreOf(name, value, value.truth, calibration),
          },
        ];
      });
      ofGroup[name] = { ...calibration, byTrust: intervalsByTrust(calibration.kind, scores) };
      if (isMeanName(name)) ofMeans[name] = meanCalibrationOf(name, distancesOf(name, read));
    }
    calibrations[group] = ofGroup;
    means[group] = ofMeans;
  }
  return { ...table, calibrations, means };
}

/** Of a class 1 less the tempered probability of the true one, of a real its error over its sigma. */
function scoreOf(
  name: DescriptorName,
  { sample }: ReadValue,
  truth: number,
  calibration: Calibration,
): number {
  const output = sample.prediction.outputs[name]!;
  if (output.kind === 'real') return Math.abs(output.mean - truth) / output.sigma;
  if (calibration.kind === 'real') throw new Error('Expected the calibration of a class');
  const probabilities = scaleProbabilities(output.probabilities, calibration.temperature[sample.bin]!);
  return 1 - (probabilities[output.classes.indexOf(truth)] ?? 0);
}

/** How far true means lie from those that the network reads, in its own sigmas. */
function distancesOf(name: MeanName, read: readonly ReadValue[]) {
  return read.flatMap(({ sample, truth }) => {
    if (truth === undefined) return [];
    const { mean, sigma } = sample.prediction.siteMeans![name];
    const isMixture = sample.condition.isMixture === true;
    return [{ isMixture, sigma, score: Math.abs(truth - mean) / sigma }];
  });
}
