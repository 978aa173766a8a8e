import { onEnergies } from '../charts/on-energies.ts';
import type { Spectrum } from './spectrum.ts';

export type Average = Spectrum & { readonly count: number };

/**
 * Mean of repeats on those energies of the first that all measured, weighted by 1/sigma^2.
 * `noiseSigma` is that of a point of the mean. Null for none.
 */
export function averageOf(repeats: readonly Spectrum[]): Average | null {
  const [first] = repeats;
  if (!first) return null;
  const weights = repeats.map(({ noiseSigma }) => 1 / Math.max(noiseSigma, 1e-6) ** 2);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = new Float64Array(first.energyEv.length);
  for (const [i, repeat] of repeats.entries()) {
    const values = i === 0 ? repeat.mu : onEnergies(repeat, first.energyEv);
    for (let point = 0; point < mean.length; point++) mean[point]! += (weights[i]! / total) * values[point]!;
  }
  // The scans' own energy shifts differ by hundredths of an eV, so that a point at either end may be missing.
  const measured = [...mean.keys()].filter((point) => !Number.isNaN(mean[point]!));
  return {
    ...first,
    energyEv: Float32Array.from(measured, (point) => first.energyEv[point]!),
    mu: Float32Array.from(measured, (point) => mean[point]!),
    noiseSigma: 1 / Math.sqrt(total),
    count: repeats.length,
  };
}
