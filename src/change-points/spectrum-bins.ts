import { allFinite } from '../common/all-finite.ts';
import type { SpectrumAxis } from '../messages/sample-watch.ts';

export type SpectrumOfScan = {
  readonly energyEv: ArrayLike<number>;
  readonly mu: ArrayLike<number>;
};

const BINS = 16;
const BIN_EV = 2;
/** From the edge of the sample's first scan: up to where every scan reaches, also one that ends early. */
const BELOW_EDGE_EV = 12;
/** The edge is looked for in means over so much, which noise hardly moves; its steepest point it would. */
const SMOOTHED_EV = 4;

/**
 * The axis of a sample, by its first scan. Left out are a baseline with a slope, the height of the edge and a shift of
 * the energies: what a normalisation or a monochromator brings about is no change of the spectrum.
 * @returns null where the scan does not cover the bins
 */
export function spectrumAxis(spectrum: SpectrumOfScan): SpectrumAxis | null {
  const edgeEv = halfEdgeEv(spectrum);
  if (edgeEv === null) return null;
  const fromEv = edgeEv - BELOW_EDGE_EV;
  const mu = binned(spectrum, fromEv);
  if (mu === null) return null;
  const slope = mu.map((_, i) => mu[Math.min(i + 1, BINS - 1)]! - mu[Math.max(i - 1, 0)]!);
  const left: Float64Array[] = [];
  for (const direction of [mu.map(() => 1), mu.map((_, i) => i), mu, slope]) {
    const rest = without(direction, left);
    const length = Math.hypot(...rest);
    if (length > 1e-6) left.push(rest.map((each) => each / length));
  }
  return { fromEv, left };
}

/** Where the smoothed spectrum passes one half. */
function halfEdgeEv({ energyEv, mu }: SpectrumOfScan): number | null {
  let [from, sum] = [0, 0];
  for (let to = 0; to < energyEv.length; to += 1) {
    sum += mu[to]!;
    for (; energyEv[to]! - energyEv[from]! > SMOOTHED_EV; from += 1) sum -= mu[from]!;
    if (sum / (to - from + 1) >= 0.5) return (energyEv[from]! + energyEv[to]!) / 2;
  }
  return null;
}

/** Numbers that are watched of a spectrum, so many as an axis has bins. */
export const SPECTRUM_SIZE = BINS;

/** A spectrum as it is watched, [bins] in units of the edge step; null where it does not cover the bins. */
export function watchedSpectrum(
  spectrum: SpectrumOfScan,
  { fromEv, left }: SpectrumAxis,
): Float64Array | null {
  const mu = binned(spectrum, fromEv);
  return mu && without(mu, left);
}

/** Points of a spectrum that a bin has on average. */
export function pointsPerBin({ energyEv }: SpectrumOfScan, { fromEv }: SpectrumAxis): number {
  const inside = Array.from(energyEv).filter((ev) => ev >= fromEv && ev < fromEv + BINS * BIN_EV);
  return inside.length / BINS;
}

/** Mean of the points in each bin; where it has none, the value at its middle on the line between its neighbours. */
function binned({ energyEv, mu }: SpectrumOfScan, fromEv: number): Float64Array | null {
  const last = energyEv.length - 1;
  if (!(energyEv[0]! <= fromEv) || !(energyEv[last]! >= fromEv + BINS * BIN_EV)) return null;
  const bins = new Float64Array(BINS);
  let i = 0;
  while (energyEv[i]! < fromEv) i += 1;
  for (let bin = 0; bin < BINS; bin += 1) {
    const end = fromEv + (bin + 1) * BIN_EV;
    let [sum, count] = [0, 0];
    for (; i <= last && energyEv[i]! < end; i += 1) {
      sum += mu[i]!;
      count += 1;
    }
    bins[bin] = count > 0 ? sum / count : between({ energyEv, mu }, i, end - BIN_EV / 2);
  }
  return allFinite(bins) ? bins : null;
}

function between({ energyEv, mu }: SpectrumOfScan, after: number, atEv: number): number {
  const [a, b] = [energyEv[after - 1]!, energyEv[after]!];
  return mu[after - 1]! + ((atEv - a) / (b - a)) * (mu[after]! - mu[after - 1]!);
}

function without(values: Float64Array, directions: readonly Float64Array[]): Float64Array {
  let rest = values;
  for (const direction of directions) {
    const along = direction.reduce((sum, each, i) => sum + each * rest[i]!, 0);
    rest = rest.map((each, i) => each - along * direction[i]!);
  }
  return rest;
}
