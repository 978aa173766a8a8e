import type { Random } from './random.ts';

/** Axis of a quick-XAS scan over the Co K edge as FEFF10 places it, eV. FEFF's spectra begin at the last of these. */
const PRE_EDGE_FROM_EV = 7620;
const PRE_EDGE_STEPS_EV = [
  { toEv: 7695, stepEv: 2.5 },
  { toEv: 7713, stepEv: 0.5 },
] as const;
const EDGE_EV = 7727;

/** A cell with the film that the beam goes through. */
export type Cell = {
  readonly sampleId: string;
  /** Cycles ahead of the first cell. */
  readonly phase: number;
  /** Absorbance of the cobalt's edge, and of everything else at the edge. */
  readonly edgeStep: number;
  readonly background: number;
};

export const makeCell = (chance: Random, index: number, cells: number): Cell => ({
  sampleId: `LiCoO2-cell-${index + 1}`,
  phase: index / (4 * cells),
  edgeStep: 0.7 + 0.5 * chance.uniform(),
  background: 0.5 + 0.5 * chance.uniform(),
});

/** Energies of a scan over the Co K edge. */
export type Axis = {
  readonly energyEv: Float64Array;
  /** Puts the pre-edge, which FEFF does not cover, before a spectrum of the series. */
  extend(mu: Float64Array): Float64Array;
};

/** The axis of a scan that ends where the series of spectra does. */
export function scanAxis(seriesEv: Float64Array): Axis {
  const before: number[] = [];
  let energy = PRE_EDGE_FROM_EV;
  for (const { toEv, stepEv } of PRE_EDGE_STEPS_EV) {
    for (; energy < toEv; energy += stepEv) before.push(energy);
  }
  const firstEv = seriesEv[0]!;
  const distance = (ev: number): number => EDGE_EV - ev;
  return {
    energyEv: Float64Array.of(...before, ...seriesEv),
    extend(mu) {
      // The edge's tail as a power of the distance, with the value and the slope that FEFF has where it begins.
      const slope = (mu[1]! - mu[0]!) / (seriesEv[1]! - firstEv);
      const power = (slope * distance(firstEv)) / mu[0]!;
      const tail = before.map((ev) => mu[0]! * (distance(firstEv) / distance(ev)) ** power);
      return Float64Array.of(...tail, ...mu);
    },
  };
}

/**
 * Intensities before and behind the sample, arbitrary units of an ion chamber. `noise`: standard deviation of one point
 * of the normalised scan; `progress`: of the run, 0 to 1, by which beam and film change slowly.
 */
export function measure(
  axis: Axis,
  mu: Float64Array,
  cell: Cell,
  noise: number,
  progress: number,
  chance: Random,
): { i0: Float64Array; it: Float64Array } {
  // The film's thickness breathes a little as lithium leaves and returns.
  const edgeStep = cell.edgeStep * (1 + 0.02 * Math.sin(2 * Math.PI * (progress + cell.phase)));
  const current = 180 + 20 * Math.cos(20 * Math.PI * progress);
  const i0 = new Float64Array(mu.length);
  const it = new Float64Array(mu.length);
  let flicker = 0;
  for (let i = 0; i < mu.length; i++) {
    flicker = 0.95 * flicker + 0.003 * chance.normal();
    // Everything but the edge falls with the third power of the energy (Victoreen).
    const background = cell.background * (EDGE_EV / axis.energyEv[i]!) ** 3;
    i0[i] = current * (1 + flicker);
    it[i] = i0[i]! * Math.exp(-(background + edgeStep * (mu[i]! + noise * chance.normal())));
  }
  return { i0, it };
}
