import type { ElementReference } from '../../../src/messages/prepared.ts';
import { offsetsOf, type Site } from '../../data/dataset.ts';

/** Mixtures and distortions are made on an even axis, eV about the middle of the edge, that is finer than the grid. */
export const FINE = { firstEv: -16, stepEv: 0.25, points: 609 } as const;

export const FINE_EV = Float64Array.from({ length: FINE.points }, (_, i) => FINE.firstEv + FINE.stepEv * i);

/** mu of points `from` to `to` (exclusive) of the fine axis. */
export type FineSpectrum = { readonly from: number; readonly mu: Float64Array };

export type FineSite = Site & { readonly fine: FineSpectrum };

/** A site's spectrum on the fine axis by linear interpolation, inside its range only. */
export function onFineAxis(site: Site, reference: ElementReference): FineSpectrum {
  const offsets = offsetsOf(site, reference);
  const last = offsets.length - 1;
  const from = Math.max(0, Math.ceil((offsets[0]! - FINE.firstEv) / FINE.stepEv));
  const to = Math.min(FINE.points, Math.floor((offsets[last]! - FINE.firstEv) / FINE.stepEv) + 1);
  const mu = new Float64Array(Math.max(0, to - from));
  let j = 0;
  for (let i = 0; i < mu.length; i += 1) {
    const at = FINE_EV[from + i]!;
    while (j < last - 1 && offsets[j + 1]! < at) j += 1;
    const t = (at - offsets[j]!) / (offsets[j + 1]! - offsets[j]!);
    mu[i] = site.mu[j]! + t * (site.mu[j + 1]! - site.mu[j]!);
  }
  return { from, mu };
}

/** The weighted sum, where all of them were computed. */
export function mixedSpectrum(parts: readonly FineSpectrum[], shares: readonly number[]): FineSpectrum {
  const from = Math.max(...parts.map((part) => part.from));
  const to = Math.min(...parts.map((part) => part.from + part.mu.length));
  const mu = new Float64Array(Math.max(0, to - from));
  parts.forEach((part, k) => {
    for (let i = 0; i < mu.length; i += 1) mu[i]! += shares[k]! * part.mu[from - part.from + i]!;
  });
  return { from, mu };
}
