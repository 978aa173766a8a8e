import { DESCRIPTOR_NAMES, DESCRIPTORS, type DescriptorName } from '../messages/descriptor-names.ts';
import type { Advice, JudgedDescriptor, Judgement, Verdict, VerdictReason } from '../messages/judgement.ts';
import type { DescriptorOutput, Prediction } from '../messages/prediction.ts';
import type { Prepared } from '../messages/prepared.ts';
import { atLevel } from './at-level.ts';
import { type Calibration, type Gate, type GateTable, judgedAs } from './gate-table.ts';
import { normalQuantile } from './normal-quantile.ts';
import { outOfDistributionOf } from './out-of-distribution.ts';
import { predictionSet } from './prediction-set.ts';
import { probabilityWithin } from './probability-within.ts';
import { scaleProbabilities } from './scale-probabilities.ts';

/** What an agent acts on; the others may be uncertain without spoiling the scan. */
const KEY_DESCRIPTORS: readonly DescriptorName[] = ['OS', 'CN', 'OCN'];

/** Beyond this many times the limit nothing about a spectrum is known. */
const FAR = 1.5;
/** More repeats than this are not worth waiting for. */
const MAX_REPEATS = 100;

type Value = Omit<JudgedDescriptor, 'noiseThreshold' | 'verdict' | 'reason'> & {
  /** What is held against the threshold: for a real, the probability that it is right within its tolerance. */
  readonly trust: number;
  readonly outside: boolean;
};

/**
 * Makes the function that says how far each predicted value can be trusted and what to do about the scan. Pure: it
 * looks up what calibration found for the scan's element, estimated noise and distance to the training spectra.
 * @param level coverage of the published intervals; verdicts do not depend on it
 * @throws RangeError for a level below or above all that the table was made for
 */
export function makeGate(
  gate: Gate,
  level = gate.table.level,
): (prepared: Prepared, prediction: Prediction) => Judgement {
  const { table } = gate;
  const [least, most] = levelsOf(table);
  if (!(level >= least && level <= most)) {
    throw new RangeError(`Expected level from ${least} to ${most}, as in the gate's table, got ${level}`);
  }
  const deviations = normalQuantile(table.level);
  const widths = widthsAt(table, level);
  const lastBin = table.noiseEdges.length - 1;

  return ({ input, preparation }, { outputs, embedding }) => {
    const { sigma } = preparation.noise;
    const edge = table.noiseEdges.findIndex((end) => sigma < end);
    const tooNoisy = edge < 0;
    const bin = tooNoisy ? lastBin : edge;
    const element = judgedAs(table, input);
    const { outOfDistributionScore, outOfDistributionLimit } = outOfDistributionOf(
      embedding,
      input.element,
      element,
      bin,
      gate,
    );

    const descriptors = DESCRIPTOR_NAMES.flatMap((name): JudgedDescriptor[] => {
      const output = outputs[name];
      if (output === undefined) return [];
      const calibration = element && table.calibrations[element.calibration]?.[name];
      const { trust, outside, ...value } = evaluate(
        calibration,
        widths,
        level,
        name,
        output,
        bin,
        deviations,
      );
      const target = element?.descriptors[name];
      const thresholds = target?.meetsTarget ? target.thresholds : [];
      const threshold = tooNoisy ? null : (thresholds[bin] ?? null);
      const noiseThreshold = lastAccepting(table.noiseEdges, thresholds);
      const verdict = ((): [Verdict, VerdictReason] => {
        if (outOfDistributionScore > FAR * outOfDistributionLimit) return ['REJECT', 'out-of-distribution'];
        if (outOfDistributionScore > outOfDistributionLimit) return ['FLAG', 'out-of-distribution'];
        if (target === undefined || !target.meetsTarget) return ['FLAG', 'uncalibrated-element'];
        if (threshold === null && noiseThreshold > 0) return ['REJECT', 'noise-above-threshold'];
        if (outside) return ['FLAG', 'outside-classes'];
        if (threshold === null || trust < threshold) {
          return ['FLAG', value.kind === 'class' ? 'low-confidence' : 'wide-interval'];
        }
        return ['ACCEPT', 'ok'];
      })();
      return [{ ...value, noiseThreshold, verdict: verdict[0], reason: verdict[1] }];
    });

    return { descriptors, ...advise(descriptors, sigma), outOfDistributionScore, outOfDistributionLimit };
  };
}

/** The least and the greatest that some descriptor has. */
function levelsOf(table: GateTable): [number, number] {
  const levels = Object.values(table.calibrations).flatMap((group) =>
    Object.values(group).flatMap((each) =>
      Object.keys((each.kind === 'class' ? each.setFloorAt : each.spreadAt) ?? {}).map(Number),
    ),
  );
  return [Math.min(table.level, ...levels), Math.max(table.level, ...levels)];
}

/** What intervals are drawn by at a level: floors of sets, or spreads, in each noise bin; none beyond what calibration found. */
type Widths = ReadonlyMap<Calibration, readonly number[] | undefined>;

function widthsAt(table: GateTable, level: number): Widths {
  const calibrations = Object.values(table.calibrations).flatMap((group) => Object.values(group));
  return new Map(
    calibrations.map((each) => {
      const [own, others] =
        each.kind === 'class' ? [each.setFloor, each.setFloorAt] : [each.spread, each.spreadAt];
      return [each, atLevel({ ...others, [table.level]: own }, level)];
    }),
  );
}

function evaluate(
  calibration: Calibration | undefined,
  widths: Widths,
  level: number,
  name: DescriptorName,
  output: DescriptorOutput,
  bin: number,
  deviations: number,
): Value {
  const { unit } = DESCRIPTORS[name];
  if (output.kind === 'class') {
    const fitted = calibration?.kind === 'class' ? calibration : undefined;
    const { classes } = output;
    const probabilities = scaleProbabilities(output.probabilities, fitted?.temperature[bin] ?? 1);
    const confidence = Math.max(...probabilities);
    const value = classes[probabilities.indexOf(confidence)]!;
    // Of the network's own probabilities: tempered ones pull every mean to the middle, further from the truth.
    const expected = classes.reduce((sum, each, i) => sum + each * output.probabilities[i]!, 0);
    const floors = fitted && widths.get(fitted);
    const interval = predictionSet(classes, probabilities, floors?.[bin] ?? 0);
    return {
      ...{ name, kind: 'class', unit, value, expected, classes, probabilities, confidence, level },
      ...interval,
      trust: confidence,
      outside: false,
    };
  }
  const { mean, sigma } = output;
  const real = {
    name,
    kind: 'real',
    unit,
    value: mean,
    expected: mean,
    classes: [],
    probabilities: [],
  } as const;
  const fitted = calibration?.kind === 'real' ? calibration : undefined;
  // Without calibration there is the network's own idea of its error, which is not calibrated.
  const spread = fitted?.spread[bin] ?? deviations;
  const halfWidth = (fitted === undefined ? normalQuantile(level) : widths.get(fitted)?.[bin]) ?? null;
  return {
    ...real,
    confidence: null,
    // Without a width at this level, all that was ever seen.
    low: Math.max(0, halfWidth === null ? Math.min(mean, fitted!.low) : mean - halfWidth * sigma),
    high: halfWidth === null ? Math.max(mean, fitted!.high) : mean + halfWidth * sigma,
    level: fitted === undefined ? 0 : level,
    trust: fitted === undefined ? 0 : probabilityWithin(fitted.tolerance, (spread * sigma) / deviations),
    outside: fitted !== undefined && (mean < fitted.low || mean > fitted.high),
  };
}

/** Upper edge of the noisiest bin in which a value can still be accepted; 0 where there is none. */
function lastAccepting(edges: readonly number[], thresholds: readonly (number | null)[]): number {
  return edges.reduce((last, end, i) => ((thresholds[i] ?? null) === null ? last : end), 0);
}

function advise(
  descriptors: readonly JudgedDescriptor[],
  sigma: number,
): { advice: Advice; adviceReason: string } {
  const keys = descriptors.filter(({ name }) => KEY_DESCRIPTORS.includes(name));
  const names = (kept: readonly JudgedDescriptor[]): string => kept.map(({ name }) => name).join(', ');
  const value = (name: DescriptorName): number | undefined => keys.find((key) => key.name === name)?.value;
  const withReason = (reason: VerdictReason) => keys.filter((key) => key.reason === reason);

  if (withReason('out-of-distribution').length > 0) {
    return { advice: 'INSPECT', adviceReason: 'The spectrum is unlike those the model was trained on.' };
  }
  const [neighbours, oxygens] = [value('CN'), value('OCN')];
  if (neighbours !== undefined && oxygens !== undefined && oxygens > neighbours) {
    const adviceReason = `The answers contradict each other: ${oxygens} oxygens among ${neighbours} neighbours.`;
    return { advice: 'INSPECT', adviceReason };
  }
  const accepted = keys.filter(({ verdict }) => verdict === 'ACCEPT');
  if (accepted.length === keys.length && keys.length > 0) {
    return { advice: 'ACCEPT', adviceReason: `${names(keys)} can be acted on.` };
  }

  const noisy = withReason('noise-above-threshold');
  const target = Math.min(...(noisy.length > 0 ? noisy : keys).map((key) => key.noiseThreshold));
  if (noisy.length > 0) {
    const repeats = Math.ceil((sigma / target) ** 2);
    const reason = `Noise of ${sigma.toFixed(3)} is above what ${names(noisy)} tolerates (${target.toFixed(3)})`;
    return repeats <= MAX_REPEATS
      ? { advice: 'ACCUMULATE', adviceReason: `${reason}: average about ${repeats} scans.` }
      : {
          advice: 'RESCAN',
          adviceReason: `${reason}: more than ${MAX_REPEATS} scans would have to be averaged.`,
        };
  }
  const unsure = withReason('low-confidence');
  if (unsure.length > 0 && sigma > AVERAGING_HELPS) {
    const adviceReason = `${names(unsure)} is not certain enough at a noise of ${sigma.toFixed(3)}: average more scans.`;
    return { advice: 'ACCUMULATE', adviceReason };
  }
  if (unsure.length > 0) {
    return {
      advice: 'INSPECT',
      adviceReason: `${names(unsure)} is not certain, and noise is not the cause.`,
    };
  }
  return {
    advice: 'INSPECT',
    adviceReason: `${names(withReason('uncalibrated-element'))} is not calibrated for this element.`,
  };
}

/** Below, a scan is as good as noise-free to the model. */
const AVERAGING_HELPS = 0.015;
