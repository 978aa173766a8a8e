import type { Random } from '../../data/random.ts';
import { FINE, type FineSpectrum } from './fine-axis.ts';
import { smoothed } from './smoothed.ts';

/** What a measured spectrum has and a computed one has not, beside what sample and instrument do; zeros are nothing. */
export type Variation = {
  /** Energies stretched about the white line, as a share. */
  readonly stretch: number;
  /** Broadening that grows to this from the white line to 20 eV above it, eV. */
  readonly lifetimeEv: number;
  /** By what share the features above the white line are higher. */
  readonly fineStructure: number;
  /** By what share the white line is higher, and how wide it is taken to be. */
  readonly whiteLine: number;
  readonly whiteLineEv: number;
  /** By what share what lies before the edge is higher. */
  readonly preEdge: number;
  /** A background that bends, as a share of mu, with a period and a phase in turns. */
  readonly bend: number;
  readonly bendEv: number;
  readonly bendTurns: number;
};

export const UNVARIED: Variation = {
  ...{ stretch: 0, lifetimeEv: 0, fineStructure: 0, whiteLine: 0, whiteLineEv: 3, preEdge: 0 },
  ...{ bend: 0, bendEv: 80, bendTurns: 0 },
};

/** As `drawn_variation` of torch/train.py draws it. */
export function drawVariation(random: Pick<Random, 'uniform' | 'normal'>): Variation {
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  return {
    stretch: 0.02 * random.normal(),
    lifetimeEv: between(0, 2.5),
    fineStructure: 0.12 * random.normal(),
    whiteLine: 0.07 * random.normal(),
    whiteLineEv: between(2, 5),
    preEdge: 0.35 * random.normal(),
    bend: 0.03 * random.normal(),
    bendEv: between(40, 150),
    bendTurns: random.uniform(),
  };
}

const FINE_STRUCTURE_EV = 6;

/** @returns a new spectrum on the same points */
export function likeMeasured({ from, mu }: FineSpectrum, by: Variation): FineSpectrum {
  const offset = (i: number): number => FINE.firstEv + FINE.stepEv * (from + i);
  const last = mu.length - 1;
  let top = Number.NEGATIVE_INFINITY;
  let white: number = FINE.firstEv;
  mu.forEach((value, i) => {
    if (offset(i) <= -5 || offset(i) >= 20 || value <= top) return;
    top = value;
    white = offset(i);
  });
  let half: number = FINE.firstEv;
  mu.forEach((value, i) => {
    if (value < 0.5 && offset(i) < white) half = offset(i);
  });
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
  const stretched = mu.map((_, i) => {
    const source = white + (offset(i) - white) / (1 + by.stretch);
    const place = Math.min(Math.max((source - offset(0)) / FINE.stepEv, 0), last);
    const left = Math.min(Math.floor(place), Math.max(0, last - 1));
    const right = Math.min(left + 1, last);
    return mu[left]! + (place - left) * (mu[right]! - mu[left]!);
  });
  const broad = smoothed(stretched, by.lifetimeEv / FINE.stepEv);
  const damped = stretched.map((value, i) => {
    const above = Math.min(Math.max((offset(i) - white) / 20, 0), 1);
    return value + above * (broad[i]! - value);
  });
  const flat = smoothed(damped, FINE_STRUCTURE_EV / FINE.stepEv);
  return {
    from,
    mu: damped.map((value, i) => {
      const x = offset(i);
      const featured = value + by.fineStructure * sigmoid((x - white - 3) / 1.5) * (value - flat[i]!);
      const line = 1 + by.whiteLine * Math.exp(-(((x - white) / by.whiteLineEv) ** 2));
      const before = Math.max(0, 1 + by.preEdge * sigmoid((half - 2 - x) / 0.7));
      const turn = Math.sin(2 * Math.PI * ((x - half) / by.bendEv + by.bendTurns));
      return featured * line * before * (1 + by.bend * sigmoid((x - half) / 2) * turn);
    }),
  };
}
