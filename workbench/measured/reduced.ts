import type { CalibratedBundle } from '../../src/bundle/bundle.ts';
import type { AnsweredScan, ReadScan } from '../../src/files/offline.ts';
import type { Prepared } from '../../src/messages/prepared.ts';
import type { Scan } from '../../src/messages/scan.ts';
import { toGrid } from '../data/dataset.ts';
import { muScan } from '../data/scan-of-site.ts';
import { type AnsweredStandard, answerReadings } from './answer-standards.ts';
import { isDoubtful, type Standard, sampleOf } from './manifest.ts';

/** A measured oxide that is metal in part, as a catalyst on the way of its reduction. */
export type Reduced = {
  readonly oxide: Standard;
  /** Of the absorbers, metallic ones. */
  readonly share: number;
  /** True means over all absorbers; CN is null where a textbook gives none. */
  readonly meanOxidationState: number;
  readonly meanCoordination: number | null;
};

/** One that was not refused. */
export type Judged<T extends AnsweredScan<object>> = Extract<T, { reject: null }>;

/** Of metal. */
export const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9];

/**
 * Sums of a measured oxide and the foil of its element, both normalised, for each oxide with a sure textbook value
 * whose element has a foil: of several scans of a sample the first.
 */
export function reducedScans(answered: readonly AnsweredStandard[]): (Reduced & { readonly scan: Scan })[] {
  const foils = new Map<string, Judged<AnsweredStandard>>();
  const oxides = new Map<string, Judged<AnsweredStandard>>();
  for (const each of answered) {
    if (each.reject !== null) continue;
    const { standard, kind } = each;
    const { element, oxidationState } = standard;
    if (kind === 'metal' && !foils.has(element)) foils.set(element, each);
    const sample = sampleOf(standard);
    if (kind === 'oxide' && oxidationState !== null && !isDoubtful(standard) && !oxides.has(sample))
      oxides.set(sample, each);
  }
  return [...oxides.values()].flatMap(({ standard, prepared }) => {
    const foil = foils.get(standard.element);
    if (foil === undefined) return [];
    return SHARES.map((share) => ({
      oxide: standard,
      share,
      meanOxidationState: (1 - share) * standard.oxidationState!,
      meanCoordination: between(share, standard.coordinationNumber, foil.standard.coordinationNumber),
      scan: mixed(standard, prepared, foil.prepared, share),
    }));
  });
}

const between = (share: number, oxide: number | null, metal: number | null): number | null =>
  oxide === null || metal === null ? null : (1 - share) * oxide + share * metal;

/** (1 - share) of one, share of the other, on the energies of the first as far as both were measured. */
function mixed({ file, element }: Standard, oxide: Prepared, foil: Prepared, share: number): Scan {
  const { energyEv, mu } = oxide.spectrum;
  const metal = toGrid(foil.spectrum.energyEv, foil.spectrum.mu, energyEv);
  const isInside = (_: number, i: number): boolean => metal.mask[i] === 1;
  const ownEv = Float64Array.from(energyEv, (energy) => energy - oxide.preparation.energyShiftEv);
  const sum = Float64Array.from(mu, (value, i) => (1 - share) * value + share * metal.mu[i]!);
  return muScan({
    ...{ scanId: `${file} + ${share} metal`, sampleId: file, element, edge: 'K' },
    ...{ energyEv: ownEv.filter(isInside), mu: sum.filter(isInside) },
  });
}

export type AnsweredReduced = AnsweredScan<ReadScan & Reduced>;

/** What the stream says of them. */
export const answerReduced = (
  bundle: CalibratedBundle,
  answered: readonly AnsweredStandard[],
): Promise<AnsweredReduced[]> => answerReadings(bundle, reducedScans(answered));
