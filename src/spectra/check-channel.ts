import { type Reject, reject } from '../messages/reject.ts';
import { SCAN_BOUNDS } from '../messages/scan.ts';
import { CEILING_RUN, ceilingOf } from './ceiling.ts';

export type ChannelRules = {
  /** Intensities of which a logarithm is taken or by which is divided. */
  readonly positive: boolean;
  /** A constant channel is dead; a monitor may stand still. */
  readonly mayBeConstant: boolean;
};

/** Null where a channel can be used, of `points` finite values that vary and touch no ceiling; else why not. */
export function checkChannel(
  name: string,
  values: Float64Array,
  points: number,
  rules: ChannelRules,
): Reject | null {
  if (values.length !== points) {
    return reject(
      'length-mismatch',
      `Expected ${name} to have the ${points} points of energyEv, got ${values.length}`,
    );
  }
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < points; i += 1) {
    const value = values[i]!;
    if (!(Math.abs(value) <= SCAN_BOUNDS.largestSignal)) {
      const kind = Number.isFinite(value) ? 'a measured number, got the overflow value' : 'finite, got';
      return reject('non-finite', `Expected ${name} to be ${kind} ${value} at index ${i}`);
    }
    if (rules.positive && value <= 0) {
      return reject('non-positive-intensity', `Expected ${name} to be > 0, got ${value} at index ${i}`);
    }
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const spread = high - low;
  if (spread <= 1e-9 * Math.max(Math.abs(high), Math.abs(low))) {
    return rules.mayBeConstant
      ? null
      : reject('dead-channel', `Expected ${name} to vary, got ${high} at all ${points} points`);
  }
  const { run, at, isCoarse } = ceilingOf(values);
  if (run < CEILING_RUN || isCoarse) return null;
  return reject(
    'saturated-channel',
    `Expected ${name} to stay below its ceiling, got ${CEILING_RUN} or more points at its maximum ${high} ` +
      `from index ${at}`,
  );
}
