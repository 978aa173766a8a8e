import { DESCRIPTOR_NAMES, DESCRIPTORS, type DescriptorName } from '../messages/descriptor-names.ts';
import {
  type JudgedDescriptor,
  SITES_DIFFER,
  type Verdict,
  type VerdictReason,
} from '../messages/judgement.ts';
import {
  type DescriptorOutput,
  type MeanName,
  type Prediction,
  type SiteMean,
  type SiteMeans,
  WITHIN,
} from '../messages/prediction.ts';
import type { GateInput } from '../messages/prepared.ts';
import type { Calibration, GateTable, JudgedElement } from './gate-table.ts';
import { widthIndex, widthsOf } from './interval-width.ts';
import { likeliestClass } from './likeliest-class.ts';
import { normalQuantile } from './normal-quantile.ts';
import { predictionSet } from './prediction-set.ts';
import { probabilityWithin } from './probability-within.ts';
import { realInterval } from './real-interval.ts';
import { scaleProbabilities } from './scale-probabilities.ts';
import { evidenceOf, meanFor, type Surroundings, surroundingsOf, trustIn } from './trust.ts';

/** Beyond this many times the limit nothing about a spectrum is known. */
const FAR = 1.5;

/** 2: nothing about the spectrum is known; 1: it is out of distribution. */
export const strangenessLevel = (score: number): 0 | 1 | 2 => (score > FAR ? 2 : score > 1 ? 1 : 0);

/** Where a scan stands in the table. */
export type PlaceInTable = {
  /** What holds of such scans of its element; undefined where the table does not know it. */
  readonly element: JudgedElement | undefined;
  /** Noise bin. */
  readonly bin: number;
  readonly tooNoisy: boolean;
  /** Out-of-distribution score over its limit. */
  readonly strangeness: number;
};

type Value = Omit<JudgedDescriptor, 'noiseThreshold' | 'verdict' | 'reason' | 'trustThreshold'> & {
  readonly outside: boolean;
};

/** What speaks for values or against them beside the network's own probabilities. */
type Beside = Pick<Prediction, 'outputs'> & {
  readonly siteMeans: SiteMeans;
  readonly surroundings: Surroundings;
};

const NO_THRESHOLDS: readonly (number | null)[] = [];

/**
 * Coverage of all intervals, and the half width of such an interval of a normal distribution, in standard deviations.
 */
type Stated = { readonly level: number; readonly deviations: number };

/** The verdict on each descriptor of a scan by a table. */
export function makeJudgeDescriptors(
  table: GateTable,
): (prepared: GateInput, prediction: Prediction, place: PlaceInTable) => JudgedDescriptor[] {
  const stated: Stated = { level: table.level, deviations: normalQuantile(table.level) };

  return (prepared, { outputs, siteMeans }, { element, bin, tooNoisy, strangeness }) => {
    const outOfDistribution = strangenessLevel(strangeness);
    const beside = siteMeans && {
      ...{ outputs, siteMeans },
      surroundings: surroundingsOf(prepared, table.offsetsEv ?? [], {
        outlier: siteMeans.outlier,
        outOfDistribution: strangeness,
      }),
    };
    const descriptors: JudgedDescriptor[] = [];
    for (const name of DESCRIPTOR_NAMES) {
      const output = outputs[name];
      if (output === undefined) continue;
      const calibration = element && table.calibrations[element.calibration]?.[name];
      const mean = siteMeans?.[name as MeanName];
      const value = evaluate(name, output, calibration, bin, stated, beside);
      const target = element?.descriptors[name];
      const thresholds = target?.meetsTarget ? target.thresholds : NO_THRESHOLDS;
      const atNoise = tooNoisy ? null : (thresholds[bin] ?? null);
      const noiseThreshold = lastAccepting(table.noiseEdges, thresholds);
      const threshold = prepared.preparation.hasCorrelatedNoise
        ? stricter(atNoise, target?.correlatedThreshold)
        : atNoise;
      const verdict = ((): [Verdict, VerdictReason] => {
        if (outOfDistribution === 2) return ['REJECT', 'out-of-distribution'];
        if (outOfDistribution === 1) return ['FLAG', 'out-of-distribution'];
        if (target === undefined || !target.meetsTarget) return ['FLAG', 'uncalibrated-element'];
        if (atNoise === null && noiseThreshold > 0) return ['REJECT', 'noise-above-threshold'];
        if (name === 'OS' && mean !== undefined && !isTied(value.value, mean, prepared, table))
          return ['FLAG', 'no-standard'];
        if (value.outside) return ['FLAG', 'outside-classes'];
        if (threshold === null || value.trust === null || value.trust < threshold) {
          if (mean !== undefined && mean.mixed > SITES_DIFFER) return ['FLAG', 'mixed-sites'];
          return ['FLAG', value.kind === 'class' ? 'low-confidence' : 'wide-interval'];
        }
        return ['ACCEPT', 'ok'];
      })();
      descriptors.push(judged(value, noiseThreshold, verdict[0], verdict[1], threshold));
    }
    return descriptors;
  };
}

/**
 * One value with its interval.
 * @param calibration of this descriptor for the scan's element; undefined where there is none
 * @param bin of the scan's noise
 * @param beside what else speaks for a value or against it, where means over sites are read
 */
function evaluate(
  name: DescriptorName,
  output: DescriptorOutput,
  calibration: Calibration | undefined,
  bin: number,
  { level, deviations }: Stated,
  beside: Beside | undefined,
): Value {
  const { unit } = DESCRIPTORS[name];
  if (output.kind === 'class') {
    const fitted = calibration?.kind === 'class' ? calibration : undefined;
    const { classes } = output;
    const probabilities = scaleProbabilities(output.probabilities, fitted?.temperature[bin] ?? 1);
    const best = likeliestClass(probabilities);
    // Of the network's own probabilities: tempered ones pull every mean to the middle, further from the truth.
    let expected = 0;
    for (let i = 0; i < classes.length; i += 1) expected += classes[i]! * output.probabilities[i]!;
    const confidence = probabilities[best]!;
    const trust = fitted ? trustOf(name, confidence, fitted, beside) : null;
    // All classes, if not calibrated.
    const floor = fitted && trust !== null ? widthsOf(fitted).width[widthIndex(fitted, bin, trust)]! : 0;
    const { low, high } = predictionSet(classes, probabilities, floor);
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
      trust,
      outside: false,
    };
  }
  const { mean, sigma } = output;
  const fitted = calibration?.kind === 'real' ? calibration : undefined;
  if (fitted === undefined) {
    // Without calibration there is the network's own idea of its error, which is not calibrated.
    const interval = realInterval(mean, deviations * sigma);
    return { ...real(name, mean), ...interval, level: 0, trust: null, outside: false };
  }
  const { spread, tolerance } = fitted;
  const confidence = probabilityWithin(tolerance, (spread[bin]! * sigma) / deviations);
  const trust = trustOf(name, confidence, fitted, beside);
  const width = widthsOf(fitted).width[widthIndex(fitted, bin, trust)]!;
  const interval = realInterval(mean, width * sigma);
  const outside = mean < fitted.low || mean > fitted.high;
  return { ...real(name, mean), ...interval, level, trust, outside };
}

/** All that is not asked of a real, and its value. */
const real = (name: DescriptorName, mean: number) => ({
  ...{ name, kind: 'real' as const, unit: DESCRIPTORS[name].unit, value: mean, expected: mean },
  ...{ classes: [], probabilities: [], confidence: null },
});

/** By all that speaks for a value or against it, where that is fitted and read; else the confidence in it. */
function trustOf(
  name: DescriptorName,
  confidence: number,
  fitted: Calibration,
  beside: Beside | undefined,
): number {
  if (fitted.trust === undefined || beside?.outputs[meanFor(name)] === undefined) return confidence;
  const tolerance = fitted.kind === 'real' ? fitted.tolerance : WITHIN;
  return trustIn(evidenceOf(name, beside, beside.surroundings, tolerance), fitted.trust);
}

/** Written out: spreading and resting objects takes longer than all else that the gate does. */
function judged(
  value: Value,
  noiseThreshold: number,
  verdict: Verdict,
  reason: VerdictReason,
  trustThreshold: number | null,
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
    trust: value.trust,
    trustThreshold,
  };
}

/** Where theory is off by more on measured scans (standard deviation), it does not tell a state from the next. */
const TIED = 0.45;

/** Whether an oxidation state may be believed although nothing but theory speaks for it. */
function isTied(
  value: number,
  mean: SiteMean,
  { input, preparation }: GateInput,
  { measured }: GateTable,
): boolean {
  if (preparation.energyScale !== 'measured' || measured === undefined) return true;
  const domain = measured.domain[input.element] ?? measured.domain.other!;
  return Math.abs(mean.mean - value) <= WITHIN && domain <= TIED;
}

/** What two thresholds ask together; null, at which nothing is accepted, is the strictest. */
const stricter = (one: number | null, other: number | null = 0): number | null =>
  one === null || other === null ? null : Math.max(one, other);

/** Upper edge of the noisiest bin in which a value can still be accepted; 0 where there is none. */
function lastAccepting(edges: readonly number[], thresholds: readonly (number | null)[]): number {
  return edges.reduce((last, end, i) => ((thresholds[i] ?? null) === null ? last : end), 0);
}
