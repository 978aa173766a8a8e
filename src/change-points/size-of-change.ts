import type { Finding, Quantity } from '../messages/change-point.ts';
import type { ChangeSize } from '../wire/change-point-codec.ts';
import type { WireDescriptors } from '../wire/generated.ts';

const LEVEL = 0.9;
/** Half of an interval of a normal distribution that holds 0.9, in standard deviations. */
const DEVIATIONS = 1.645;

/**
 * The size of a change in one number, with an interval: of noise, and of a mean oxidation state also of what a change
 * within a sample is read wrong by, which the event's `change` says.
 */
export function sizeOfChange(
  quantity: Quantity,
  { difference, sigma, perHour }: Finding,
  { change }: WireDescriptors,
): ChangeSize {
  const noise = DEVIATIONS * sigma;
  if (quantity === 'MEAN_OXIDATION_STATE') {
    const size = difference[0]!;
    const half = Math.hypot(noise, change === null ? 0 : (change.high - change.low) / 2);
    return { size, low: size - half, high: size + half, level: LEVEL, perHour: perHour?.[0] ?? null };
  }
  const size = Math.hypot(...difference);
  const rate = perHour && Math.hypot(...perHour);
  return { size, low: Math.max(0, size - noise), high: size + noise, level: LEVEL, perHour: rate };
}
