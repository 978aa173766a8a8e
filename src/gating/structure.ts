import { absorbedBetween } from './before-edge.ts';
import type { OnGrid } from './rulers.ts';

/** Behind the white line, eV about the middle of the edge. */
const FROM_EV = 14.5;
const TO_EV = 62.5;
/**
 * From here on, paths that are long enough for anything narrow have died out: what is, is noise, alike in neighbouring
 * points or not.
 */
const CALM_FROM_EV = 32;
/** Well before the edge, eV about its middle: oxides hardly absorb yet, metals rise. */
const EARLY_FROM_EV = -10;
const EARLY_TO_EV = -8.5;
/** Fewer bins say nothing. */
const MIN_BINS = 6;
/** Medians of held-out samples; so that what is unknown counts as usual. */
const USUAL = { curvature: -4, amplitude: -2.5, roughness: -6.5, early: -2.7 } as const;

/** How much there is to see behind the white line and before the edge, as natural logarithms over what is usual. */
export type Structure = {
  /** Of the root mean square second difference, over four bins. */
  readonly curvature: number;
  /** Of the root mean square distance from 1. */
  readonly amplitude: number;
  /** Of the root mean square second difference, over two bins, where a spectrum's own features are wide. */
  readonly roughness: number;
  /** Of mu well before the edge, over the edge step: of half a metal there is more. */
  readonly early: number;
};

/**
 * Steps without oscillations have less of the first two than any oxide, random walks more; noise that is alike in
 * neighbouring points, which no residual of a scan shows, is rough.
 */
export function structureOf(spectrum: OnGrid, offsetsEv: ArrayLike<number>): Structure {
  const { mu, mask } = spectrum;
  const absorbed = absorbedBetween(spectrum, offsetsEv, EARLY_FROM_EV, EARLY_TO_EV);
  const early = absorbed === null ? 0 : absorbed - USUAL.early;
  let bends = 0;
  let squares = 0;
  let wrinkles = 0;
  let bins = 0;
  let calmBins = 0;
  for (let i = 2; i < mu.length - 2 && offsetsEv[i]! < TO_EV; i += 1) {
    if (offsetsEv[i]! < FROM_EV || mask[i - 2] !== 1 || mask[i] !== 1 || mask[i + 2] !== 1) continue;
    bends += (mu[i + 2]! - 2 * mu[i]! + mu[i - 2]!) ** 2;
    squares += (mu[i]! - 1) ** 2;
    bins += 1;
    if (offsetsEv[i]! < CALM_FROM_EV) continue;
    wrinkles += (mu[i + 1]! - 2 * mu[i]! + mu[i - 1]!) ** 2;
    calmBins += 1;
  }
  if (bins < MIN_BINS) return { curvature: 0, amplitude: 0, roughness: 0, early };
  const log = (sum: number, of = bins): number => Math.log(Math.sqrt(sum / of) + 1e-4);
  return {
    curvature: log(bends) - USUAL.curvature,
    amplitude: log(squares) - USUAL.amplitude,
    roughness: calmBins < MIN_BINS ? 0 : log(wrinkles, calmBins) - USUAL.roughness,
    early,
  };
}
