import type { Judgement } from '../messages/judgement.ts';
import type { Prediction } from '../messages/prediction.ts';
import type { GateInput } from '../messages/prepared.ts';
import { type Anchors, NO_ANCHORS } from '../messages/standard.ts';
import { advise } from './advise.ts';
import { averagingHelps } from './averaging.ts';
import { type Gate, judgedAs, noiseBinOf } from './gate-table.ts';
import { makeJudgeDescriptors, strangenessLevel } from './judge-descriptors.ts';
import { makeJudgeMeans } from './judge-means.ts';
import { outOfDistributionOf } from './out-of-distribution.ts';

/**
 * Makes the function that says how far each predicted value can be trusted and what to do about the scan. Pure: it
 * looks up what calibration found for the scan's element, estimated noise and distance to the training spectra.
 * @param meansLevel coverage of the intervals of means and changes; verdicts go by the table's own
 */
export function makeGate(
  gate: Gate,
  meansLevel = gate.table.level,
): (prepared: GateInput, prediction: Prediction, anchors?: Anchors) => Judgement {
  const { table } = gate;
  const judgeDescriptors = makeJudgeDescriptors(table);
  const judgeMeans = makeJudgeMeans(table, meansLevel);

  return (prepared, prediction, anchors = NO_ANCHORS) => {
    const { input, preparation } = prepared;
    const { sigma } = preparation.noise;
    const { bin, tooNoisy } = noiseBinOf(table, sigma);
    const element = judgedAs(table, input);
    const { outOfDistributionScore, outOfDistributionLimit } = outOfDistributionOf(
      prediction,
      input,
      element,
      bin,
      gate,
    );
    const strangeness = outOfDistributionScore / outOfDistributionLimit;
    const means = judgeMeans(prepared, prediction.siteMeans, anchors, {
      ...{ tooNoisy, outOfDistribution: strangenessLevel(strangeness) },
      calibrations: element && table.means?.[element.calibration],
    });
    const descriptors = judgeDescriptors(prepared, prediction, { element, bin, tooNoisy, strangeness });
    const calibrations = element && table.calibrations[element.calibration];
    const helps = averagingHelps(descriptors, calibrations, bin);
    const advice = advise(descriptors, sigma, helps, preparation.hasCorrelatedNoise);
    return { descriptors, ...means, ...advice, outOfDistributionScore, outOfDistributionLimit };
  };
}
