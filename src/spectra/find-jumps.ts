import { selectRank } from './select-rank.ts';

/** A jump is at least this share of the edge step, and so many times what its surroundings vary. */
const MIN_STEP = 0.05;
const MIN_IN_VARIATION = 7;
/** Within this of the metal's edge a spectrum rises by itself. */
const STEEP_BELOW_EV = 8;
const STEEP_ABOVE_EV = 8;
/** Gaps on either side that say how the spectrum goes on, and points whose level must have changed. */
const AROUND = 6;
/** So much of the step must last. */
const LASTING = 0.6;

/**
 * Energies, eV, behind which mu is higher or lower all at once, and stays so: a detector's gain, a shutter, a beam that
 * moved. A spectrum bends over several points, and a spike comes back.
 * @param mu over its edge step, [points]
 * @param metalEdgeEv where the element's metal has its edge, on the scan's own scale
 */
export function findJumps(energyEv: Float64Array, mu: Float64Array, metalEdgeEv: number): number[] {
  const found: number[] = [];
  for (let i = AROUND; i < mu.length - AROUND - 1; i += 1) {
    // The cheap test first: nearly no point of a good scan passes it.
    const step = mu[i + 1]! - mu[i]!;
    if (Math.abs(step) < MIN_STEP) continue;
    const offsetEv = energyEv[i]! - metalEdgeEv;
    if (offsetEv > -STEEP_BELOW_EV && offsetEv < STEEP_ABOVE_EV) continue;
    const slope = medianSlope(energyEv, mu, i);
    const excess = step - slope * (energyEv[i + 1]! - energyEv[i]!);
    if (Math.abs(excess) < Math.max(MIN_STEP, MIN_IN_VARIATION * variation(energyEv, mu, i, slope))) continue;
    const lasting = levelChange(energyEv, mu, i, slope) / excess;
    if (lasting < LASTING) continue;
    found.push(energyEv[i]!);
    i += AROUND;
  }
  return found;
}

/** Used again for each gap. [2 * AROUND] */
const besides = new Float64Array(2 * AROUND);

/** Of the gaps beside the one behind point i. */
function medianSlope(energyEv: Float64Array, mu: Float64Array, i: number): number {
  eachGapBeside(i, (k, at) => {
    besides[at] = (mu[k + 1]! - mu[k]!) / (energyEv[k + 1]! - energyEv[k]!);
  });
  return selectRank(besides, AROUND);
}

/** What three quarters of these gaps differ by less than from a straight line. */
function variation(energyEv: Float64Array, mu: Float64Array, i: number, slope: number): number {
  eachGapBeside(i, (k, at) => {
    besides[at] = Math.abs(mu[k + 1]! - mu[k]! - slope * (energyEv[k + 1]! - energyEv[k]!));
  });
  return selectRank(besides, Math.floor(0.75 * (2 * AROUND - 1)));
}

function eachGapBeside(i: number, take: (gap: number, at: number) => void): void {
  for (let k = 0; k < AROUND; k += 1) {
    take(i - 1 - k, 2 * k);
    take(i + 1 + k, 2 * k + 1);
  }
}

/** Mean of the points behind the gap less that of those before it, less what a straight line rises between them. */
function levelChange(energyEv: Float64Array, mu: Float64Array, i: number, slope: number): number {
  let sum = 0;
  for (let k = 0; k < AROUND; k += 1) {
    const [before, after] = [i - k, i + 1 + k];
    sum += mu[after]! - mu[before]! - slope * (energyEv[after]! - energyEv[before]!);
  }
  return sum / AROUND;
}
