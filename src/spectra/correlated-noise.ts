import { reusedArray } from '../common/reused-array.ts';
import type { ModelInput } from '../messages/prepared.ts';
import { selectRank } from './select-rank.ts';

/**
 * Where it is looked for, eV about the middle of the edge: paths that are long enough for anything narrow have died
 * out, and most scans still cover it.
 */
const FROM_EV = 32;
const TO_EV = 62.5;
/** Fewer bins say nothing. */
const MIN_BINS = 8;
/** So much must be seen, over the edge step: clean spectra of oxides bend less. */
const LEAST = 0.01;
/** Noise of single points bends a spectrum by 2.4 times its standard deviation at most. */
const EXCESS = 2.5;

/**
 * How much the normalised mu of a scan bends from bin to bin, where that is noise of which neighbouring points are
 * alike: the residuals of a scan do not show it, and it looks like structure. The median size of the second difference
 * times 1.4826, which a jump or a glitch does not move. A metal whose fine structure is strong may bend as much.
 * @param sigma noise of one point of the normalised scan
 * @returns over the edge step; 0 where there is no such noise, or too little of the scan to tell
 */
export function correlatedNoise(
  { mu, mask }: Pick<ModelInput, 'mu' | 'mask'>,
  offsetsEv: ArrayLike<number>,
  sigma: number,
): number {
  const sizes = arrayOfSizes(mu.length);
  let bins = 0;
  for (let i = 1; i < mu.length - 1 && offsetsEv[i]! < TO_EV; i += 1) {
    if (offsetsEv[i]! < FROM_EV || mask[i - 1] !== 1 || mask[i] !== 1 || mask[i + 1] !== 1) continue;
    sizes[bins] = Math.abs(mu[i + 1]! - 2 * mu[i]! + mu[i - 1]!);
    bins += 1;
  }
  if (bins < MIN_BINS) return 0;
  const bends = 1.4826 * selectRank(sizes.subarray(0, bins), bins >> 1);
  return bends > LEAST && bends > EXCESS * sigma ? bends : 0;
}

const arrayOfSizes = reusedArray();

/** Of a scan that has some. */
export const correlatedNoiseNote = (bends: number, sigma: number): string =>
  `correlated-noise: from ${FROM_EV} eV behind the edge on mu bends by ${bends.toFixed(3)} of the edge step from bin ` +
  `to bin, where single points show noise of ${sigma.toFixed(3)}: neighbouring points err alike, or this is no oxide`;
