/**
 * dmu/dE at points [from, to), smoothed by a Lorentzian of half width `widthEv`: [to - from].
 * As larch does it: central differences, interpolated to an even axis of step `stepEv` so that densely measured
 * stretches do not outweigh the others, convolved there, and interpolated back. Beyond the ends the derivative stays
 * what it is there.
 */
export function smoothedDerivative(
  energyEv: Float64Array,
  mu: Float64Array,
  from: number,
  to: number,
  stepEv: number,
  widthEv: number,
): Float64Array {
  const count = to - from;
  const slope = new Float64Array(count);
  for (let k = 0; k < count; k += 1) {
    const left = from + Math.max(0, k - 1);
    const right = from + Math.min(count - 1, k + 1);
    slope[k] = (mu[right]! - mu[left]!) / (energyEv[right]! - energyEv[left]!);
  }
  if (widthEv <= 0) return slope;

  const reach = Math.ceil((REACH_IN_WIDTHS * widthEv) / stepEv);
  const weights = new Float64Array(2 * reach + 1);
  let total = 0;
  for (let j = 0; j <= 2 * reach; j += 1) {
    weights[j] = 1 / (1 + (((j - reach) * stepEv) / widthEv) ** 2);
    total += weights[j]!;
  }
  const startEv = energyEv[from]!;
  const steps = Math.ceil((energyEv[to - 1]! - startEv) / stepEv) + 1;
  const even = new Float64Array(steps + 2 * reach);
  let k = 0;
  for (let j = 0; j < even.length; j += 1) {
    const at = startEv + (j - reach) * stepEv;
    while (k < count - 2 && energyEv[from + k + 1]! < at) k += 1;
    const low = energyEv[from + k]!;
    const share = Math.min(1, Math.max(0, (at - low) / (energyEv[from + k + 1]! - low)));
    even[j] = slope[k]! + share * (slope[k + 1]! - slope[k]!);
  }
  const convolved = new Float64Array(steps);
  for (let i = 0; i < steps; i += 1) {
    let sum = 0;
    for (let j = 0; j < weights.length; j += 1) sum += weights[j]! * even[i + j]!;
    convolved[i] = sum / total;
  }
  for (let i = 0; i < count; i += 1) {
    const at = (energyEv[from + i]! - startEv) / stepEv;
    const below = Math.min(steps - 2, Math.floor(at));
    slope[i] = convolved[below]! + (at - below) * (convolved[below + 1]! - convolved[below]!);
  }
  return slope;
}

/** So far out a Lorentzian's weight is below 1% of its peak. */
const REACH_IN_WIDTHS = 12;
