import type { RepeatSums } from '../messages/accumulation.ts';

/** What is averaged of a scan: its energies, its absorption and that of its foil, [points]. */
export type Repeat = {
  readonly energyEv: Float64Array;
  readonly mu: Float64Array;
  readonly muReference: Float64Array | null;
};

/** Of the distance to its neighbour, a point may lie so far from that of other repeats: encoders never stand still. */
const SAME_POINT = 0.1;

export const sumsOf = (repeat: Repeat, weight: number): RepeatSums => ({
  weight,
  energyEv: times(repeat.energyEv, weight),
  mu: times(repeat.mu, weight),
  muReference: repeat.muReference && times(repeat.muReference, weight),
});

/**
 * With one more repeat, point by point: energies are averaged as absorption is.
 * @returns null where its points are others
 */
export function addRepeat(sums: RepeatSums, repeat: Repeat, weight: number): RepeatSums | null {
  if (!hasSamePoints(sums, repeat.energyEv)) return null;
  return {
    weight: sums.weight + weight,
    energyEv: plus(sums.energyEv, repeat.energyEv, weight),
    mu: plus(sums.mu, repeat.mu, weight),
    muReference: sums.muReference && repeat.muReference && plus(sums.muReference, repeat.muReference, weight),
  };
}

/** The weighted mean. */
export const meanOf = ({ weight, energyEv, mu, muReference }: RepeatSums): Repeat => ({
  energyEv: times(energyEv, 1 / weight),
  mu: times(mu, 1 / weight),
  muReference: muReference && times(muReference, 1 / weight),
});

function hasSamePoints({ energyEv: sums, weight }: RepeatSums, energyEv: Float64Array): boolean {
  const points = energyEv.length;
  if (sums.length !== points || points < 2) return false;
  return energyEv.every((energy, i) => {
    const [a, b] = i === 0 ? [0, 1] : [i - 1, i];
    return Math.abs(energy - sums[i]! / weight) <= SAME_POINT * Math.abs(energyEv[b]! - energyEv[a]!);
  });
}

const times = (values: Float64Array, factor: number): Float64Array => values.map((value) => factor * value);

const plus = (sums: Float64Array, values: Float64Array, weight: number): Float64Array =>
  sums.map((sum, i) => sum + weight * values[i]!);
