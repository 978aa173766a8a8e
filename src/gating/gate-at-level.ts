import type { JudgedDescriptor } from '../messages/judgement.ts';
import type { DescriptorOutput } from '../messages/prediction.ts';
import { atLevel } from './at-level.ts';
import { makeGate } from './gate.ts';
import { type Calibration, type Gate, type GateTable, judgedAs, noiseBinOf } from './gate-table.ts';
import { widthIndex, widthsOf } from './interval-width.ts';
import { normalQuantile } from './normal-quantile.ts';
import { predictionSet } from './prediction-set.ts';
import { realInterval } from './real-interval.ts';

/**
 * The service's gate with its intervals stated at another level. Verdicts do not depend on it.
 * @param level coverage of the intervals
 * @throws RangeError for a level below or above all that the table was made for
 */
export function gateAtLevel(gate: Gate, level: number): ReturnType<typeof makeGate> {
  const { table } = gate;
  const [least, most] = levelsOf(table);
  if (!(level >= least && level <= most)) {
    throw new RangeError(`Expected level from ${least} to ${most}, as in the gate's table, got ${level}`);
  }
  const widths = widthsAt(table, level);
  const judge = makeGate(gate, level);

  return (prepared, prediction, anchors) => {
    const judgement = judge(prepared, prediction, anchors);
    const element = judgedAs(table, prepared.input);
    const { bin } = noiseBinOf(table, prepared.preparation.noise.sigma);
    const descriptors = judgement.descriptors.map((each) => {
      const calibration = element && table.calibrations[element.calibration]?.[each.name];
      const width =
        calibration && each.trust !== null
          ? widths.get(calibration)?.[widthIndex(calibration, bin, each.trust)]
          : undefined;
      return { ...each, ...intervalOf(each, prediction.outputs[each.name]!, calibration, width, level) };
    });
    return { ...judgement, descriptors };
  };
}

/** The least and the greatest that some descriptor has. */
function levelsOf(table: GateTable): [number, number] {
  const levels = calibrationsOf(table).flatMap((each) => Object.keys(widthsOf(each).widthAt).map(Number));
  return [Math.min(table.level, ...levels), Math.max(table.level, ...levels)];
}

/**
 * What intervals are drawn by at a level: floors of sets, or spreads, in each range of trust or noise bin; none beyond
 * what calibration found.
 */
function widthsAt(table: GateTable, level: number): ReadonlyMap<Calibration, readonly number[] | undefined> {
  return new Map(
    calibrationsOf(table).map((each) => {
      const { width, widthAt } = widthsOf(each);
      return [each, atLevel({ ...widthAt, [table.level]: width }, level)];
    }),
  );
}

function calibrationsOf(table: GateTable): Calibration[] {
  return Object.values(table.calibrations).flatMap((group) => Object.values(group));
}

/** @param width undefined where spectra were too few for this level: then all that was ever seen */
function intervalOf(
  { classes, probabilities, value }: JudgedDescriptor,
  output: DescriptorOutput,
  calibration: Calibration | undefined,
  width: number | undefined,
  level: number,
): Pick<JudgedDescriptor, 'low' | 'high' | 'level'> {
  if (output.kind === 'class') return { ...predictionSet(classes, probabilities, width ?? 0), level };
  const fitted = calibration?.kind === 'real' ? calibration : undefined;
  if (fitted !== undefined && width === undefined)
    return { low: Math.min(value, Math.max(0, fitted.low)), high: Math.max(value, fitted.high), level };
  const halfWidth = (fitted === undefined ? normalQuantile(level) : width!) * output.sigma;
  return { ...realInterval(value, halfWidth), level: fitted === undefined ? 0 : level };
}
