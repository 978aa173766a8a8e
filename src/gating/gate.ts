import { DESCRIPTOR_NAMES, DESCRIPTORS, type DescriptorName } from '../messages/descriptor-names.ts';
import type { JudgedDescriptor, Judgement, Verdict, VerdictReason } from '../messages/judgement.ts';
import type { DescriptorOutput, Prediction } from '../messages/prediction.ts';
import type { Prepared } from '../messages/prepared.ts';
import type { Anchors } from '../messages/standard.ts';
import { advise } from './advise.ts';
import { type Calibration, type Gate, judgedAs, noiseBinOf } from './gate-table.ts';
import { normalQuantile } from './normal-quantile.ts';
import { outOfDistributionOf } from './out-of-distribution.ts';
import { predictionSet } from './prediction-set.ts';
import { probabilityWithin } from './probability-within.ts';
import { scaleProbabilities } from './scale-probabilities.ts';

/** Beyond this many times the limit nothing about a spectrum is known. */
const FAR = 1.5;

type Value = Omit<JudgedDescriptor, 'noiseThreshold' | 'verdict' | 'reason'> & {
  /** What is held against the threshold: for a real, the probability that it is right within its tolerance. */
  readonly trust: number;
  readonly outside: boolean;
};

const NO_THRESHOLDS: readonly (number | null)[] = [];

/**
 * Coverage of all intervals, and the half width of such an interval of a normal distribution, in standard deviations.
 */
type Stated = { readonly level: number; readonly deviations: number };

/**
 * Makes the function that says how far each predicted value can be trusted and what to do about the scan. Pure: it
 * looks up what calibration found for the scan's element, estimated noise and distance to the training spectra.
 */
export function makeGate(
  gate: Gate,
): (prepared: Prepared, prediction: Prediction, anchors?: Anchors) => Judgement {
  const { table } = gate;
  const stated: Stated = { level: table.level, deviations: normalQuantile(table.level) };

  return ({ input, preparation }, { outputs, embedding }) => {
    const { sigma } = preparation.noise;
    const { bin, tooNoisy } = noiseBinOf(table, sigma);
    const element = judgedAs(table, input);
    const { outOfDistributionScore, outOfDistributionLimit } = outOfDistributionOf(
      embedding,
      input.element,
      element,
      bin,
      gate,
    );

    const descriptors: JudgedDescriptor[] = [];
    for (const name of DESCRIPTOR_NAMES) {
      const output = outputs[name];
      if (output === undefined) continue;
      const calibration = element && table.calibrations[element.calibration]?.[name];
      const value = evaluate(name, output, calibration, bin, stated);
      const target = element?.descriptors[name];
      const thresholds = target?.meetsTarget ? target.thresholds : NO_THRESHOLDS;
      const threshold = tooNoisy ? null : (thresholds[bin] ?? null);
      const noiseThreshold = lastAccepting(table.noiseEdges, thresholds);
      const verdict = ((): [Verdict, VerdictReason] => {
        if (outOfDistributionScore > FAR * outOfDistributionLimit) return ['REJECT', 'out-of-distribution'];
        if (outOfDistributionScore > outOfDistributionLimit) return ['FLAG', 'out-of-distribution'];
        if (target === undefined || !target.meetsTarget) return ['FLAG', 'uncalibrated-element'];
        if (threshold === null && noiseThreshold > 0) return ['REJECT', 'noise-above-threshold'];
        if (value.outside) return ['FLAG', 'outside-classes'];
        if (threshold === null || value.trust < threshold) {
          return ['FLAG', value.kind === 'class' ? 'low-confidence' : 'wide-interval'];
        }
        return ['ACCEPT', 'ok'];
      })();
      descriptors.push(judged(value, noiseThreshold, verdict[0], verdict[1]));
    }

    return { descriptors, ...advise(descriptors, sigma), outOfDistributionScore, outOfDistributionLimit };
  };
}

/**
 * One value with its interval.
 * @param calibration of this descriptor for the scan's element; undefined where there is none
 * @param bin of the scan's noise
 */
function evaluate(
  name: DescriptorName,
  output: DescriptorOutput,
  calibration: Calibration | undefined,
  bin: number,
  { level, deviations }: Stated,
): Value {
  const { unit } = DESCRIPTORS[name];
  if (output.kind === 'class') {
    const fitted = calibration?.kind === 'class' ? calibration : undefined;
    const { classes } = output;
    const probabilities = scaleProbabilities(output.probabilities, fitted?.temperature[bin] ?? 1);
    let best = 0;
    // Of the network's own probabilities: tempered ones pull every mean to the middle, further from the truth.
    let expected = 0;
    for (let i = 0; i < classes.length; i += 1) {
      if (probabilities[i]! > probabilities[best]!) best = i;
      expected += classes[i]! * output.probabilities[i]!;
    }
    const confidence = probabilities[best]!;
    const { low, high } = predictionSet(classes, probabilities, fitted?.setFloor[bin] ?? 0); // all, if not calibrated
    return {
      name,
      kind: 'class',
      unit,
      value: classes[best]!,
      expected,
      classes,
      probabilities,
      confidence,
      low,
      high,
      level,
      trust: confidence,
      outside: false,
    };
  }
  const { mean, sigma } = output;
  const fitted = calibration?.kind === 'real' ? calibration : undefined;
  // Without calibration there is the network's own idea of its error, which is not calibrated.
  const spread = fitted?.spread[bin] ?? deviations;
  return {
    name,
    kind: 'real',
    unit,
    value: mean,
    expected: mean,
    classes: [],
    probabilities: [],
    confidence: null,
    low: Math.max(0, mean - spread * sigma),
    high: mean + spread * sigma,
    level: fitted === undefined ? 0 : level,
    trust: fitted === undefined ? 0 : probabilityWithin(fitted.tolerance, (spread * sigma) / deviations),
    outside: fitted !== undefined && (mean < fitted.low || mean > fitted.high),
  };
}

/** Written out: spreading and resting objects takes longer than all else that the gate does. */
function judged(
  value: Value,
  noiseThreshold: number,
  verdict: Verdict,
  reason: VerdictReason,
): JudgedDescriptor {
  return {
    name: value.name,
    kind: value.kind,
    unit: value.unit,
    value: value.value,
    expected: value.expected,
    classes: value.classes,
    probabilities: value.probabilities,
    confidence: value.confidence,
    low: value.low,
    high: value.high,
    level: value.level,
    noiseThreshold,
    verdict,
    reason,
  };
}

/** Upper edge of the noisiest bin in which a value can still be accepted; 0 where there is none. */
function lastAccepting(edges: readonly number[], thresholds: readonly (number | null)[]): number {
  return edges.reduce((last, end, i) => ((thresholds[i] ?? null) === null ? last : end), 0);
}
