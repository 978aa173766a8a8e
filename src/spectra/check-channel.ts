import { type Reject, reject } from '../messages/reject.ts';
import { SCAN_BOUNDS } from '../messages/scan.ts';

export type ChannelRules = {
  /** Intensities of which a logarithm is taken or by which is divided. */
  readonly positive: boolean;
  /** A constant channel is dead; a monitor may stand still. */
  readonly mayBeConstant: boolean;
};

/** So many equal values in a row at the top of a channel are a ceiling, not chance. */
const CEILING_RUN = 6;

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
  let run = 0;
  let runAt = 0;
  for (let i = 0; i < points; i += 1) {
    const value = values[i]!;
    if (!(value - value === 0)) {
      return reject('non-finite', `Expected ${name} to be finite, got ${value} at index ${i}`);
    }
    if (Math.abs(value) > SCAN_BOUNDS.largestSignal) {
      return reject(
        'non-finite',
        `Expected ${name} to be a measured number, got the overflow value ${value} at index ${i}`,
      );
    }
    if (rules.positive && value <= 0) {
      return reject('non-positive-intensity', `Expected ${name} to be > 0, got ${value} at index ${i}`);
    }
    if (value < low) low = value;
    if (value > high) {
      high = value;
      run = 0;
    }
    // Counts the longest run at the ceiling; a run is broken by setting the count back while it is short.
    if (value === high) {
      if (run === 0) runAt = i;
      if (run < CEILING_RUN) run += 1;
    } else if (run < CEILING_RUN) {
      run = 0;
    }
  }
  const spread = high - low;
  if (spread <= 1e-9 * Math.max(Math.abs(high), Math.abs(low))) {
    return rules.mayBeConstant
      ? null
      : reject('dead-channel', `Expected ${name} to vary, got ${high} at all ${points} points`);
  }
  if (run >= CEILING_RUN) {
    return reject(
      'saturated-channel',
      `Expected ${name} to stay below its ceiling, got ${CEILING_RUN} or more points at its maximum ${high} ` +
        `from index ${runAt}`,
    );
  }
  return null;
}
