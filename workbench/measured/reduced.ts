import type { CalibratedBundle } from '../../src/bundle.ts';
import type { Prepared } from '../../src/messages/prepared.ts';
import { NO_CHANNELS, type Scan } from '../../src/messages/scan.ts';
import type { AnsweredScan, ReadScan } from '../../src/offline.ts';
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

/** Of metal. */
export const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9];

/**
 * Sums of a measured oxide and the foil of its element, both normalised, for each oxide with a sure textbook value
 * whose element has a foil: of several scans of a sample the first.
 */
export function reducedScans(answered: readonly AnsweredStandard[]): (Reduced & { readonly scan: Scan })[] {
  const foils = new Map<string, AnsweredStandard>();
  const oxides = new Map<string, AnsweredStandard>();
  for (const each of answered) {
    const { standard, kind, reject } = each;
    if (reject !== null) continue;
    if (kind === 'metal') foils.set(standard.element, foils.get(standard.element) ?? each);
    const sample = sampleOf(standard);
    if (kind === 'oxide' && standard.oxidationState !== null && !isDoubtful(standard) && !oxides.has(sample))
      oxides.set(sample, each);
  }
  return [...oxides.values()].flatMap((oxide) => {
    const foil = foils.get(oxide.standard.element);
    if (foil === undefined || oxide.reject !== null || foil.reject !== null) return [];
    const { prepared } = oxide;
    const ofFoil = foil.prepared;
    return SHARES.map((share) => ({
      oxide: oxide.standard,
      share,
      meanOxidationState: (1 - share) * oxide.standard.oxidationState!,
      meanCoordination: meanOf(share, oxide.standard.coordinationNumber, foil.standard.coordinationNumber),
      scan: mixed(oxide.standard, prepared, ofFoil, share),
    }));
  });
}

const meanOf = (share: number, oxide: number | null, metal: number | null): number | null =>
  oxide === null || metal === null ? null : (1 - share) * oxide + share * metal;

/** (1 - share) of one, share of the other, on the energies of the first as far as both were measured. */
function mixed({ file, element }: Standard, oxide: Prepared, foil: Prepared, share: number): Scan {
  const ofFoil = foil.spectrum;
  const energyEv: number[] = [];
  const mu: number[] = [];
  let j = 0;
  oxide.spectrum.energyEv.forEach((energy, i) => {
    if (energy < ofFoil.energyEv[0]! || energy > ofFoil.energyEv.at(-1)!) return;
    while (j < ofFoil.energyEv.length - 2 && ofFoil.energyEv[j + 1]! < energy) j += 1;
    const [left, right] = [ofFoil.energyEv[j]!, ofFoil.energyEv[j + 1]!];
    const metal = ofFoil.mu[j]! + ((energy - left) / (right - left)) * (ofFoil.mu[j + 1]! - ofFoil.mu[j]!);
    energyEv.push(energy - oxide.preparation.energyShiftEv);
    mu.push((1 - share) * oxide.spectrum.mu[i]! + share * metal);
  });
  return {
    scanId: `${file} + ${share} metal`,
    runId: '',
    sampleId: file,
    beamline: '',
    element,
    edge: 'K',
    mode: 'MU',
    ...NO_CHANNELS,
    energyEv: Float64Array.from(energyEv),
    mu: Float64Array.from(mu),
    startedAtMs: 0,
    endedAtMs: 0,
    sequence: 0,
    origin: 'REPLAY',
    metadata: {},
  };
}

export type AnsweredReduced = AnsweredScan<ReadScan & Reduced>;

/** What the stream says of them. */
export const answerReduced = (
  bundle: CalibratedBundle,
  answered: readonly AnsweredStandard[],
): Promise<AnsweredReduced[]> => answerReadings(bundle, reducedScans(answered));
