import type { ElementReference, Preparation } from '../messages/prepared.ts';
import type { Scan } from '../messages/scan.ts';

/** Standard uncertainties, eV. */
export const ENERGY_SIGMA_EV = {
  /** Of a scale that a foil beside the sample gives. */
  'reference-foil': 0.2,
  /** Of one that a foil gives which was measured at another time: monochromators drift. */
  'standard-foil': 0.4,
  /** Of a beamline's own setting, where a scan does not state it. */
  table: 1,
  /** Of a calculation's scale. */
  calculated: 0.3,
  /** From calculation to measurement, of an element for which it was not fitted. */
  shift: 1.5,
} as const;

/** A scan may state how well its energies are known, in eV. */
export const STATED_SIGMA = 'energy.sigma';

/** The largest that is believed, eV; what cannot be read is taken for it: never for a scale that is known better. */
const WIDEST_EV = 20;

/** What a scan states, eV; null where it states nothing. A unit behind the number may only be eV. */
function statedSigma({ [STATED_SIGMA]: text }: Scan['metadata']): { ev: number; isPlain: boolean } | null {
  if (text === undefined || text.trim() === '') return null;
  const ev = Number(text.trim().replace(/\s*eV$/i, ''));
  const isPlain = ev >= 0 && ev <= WIDEST_EV;
  return { ev: isPlain ? ev : WIDEST_EV, isPlain };
}

/** Says that a stated uncertainty was not taken as it stands; null where it was, or where there is none. */
export function sigmaNote(metadata: Scan['metadata']): string | null {
  if (statedSigma(metadata)?.isPlain !== false) return null;
  const got = JSON.stringify(metadata[STATED_SIGMA]!.slice(0, 40));
  return `${STATED_SIGMA}: Expected a standard uncertainty of 0 to ${WIDEST_EV} eV, got ${got}: taken as ${WIDEST_EV} eV`;
}

/**
 * Standard uncertainty of a scan's energies on the model's scale, eV: that of the monochromator and that of the shift
 * from calculation to measurement, as independent errors.
 */
export function energySigma(
  { metadata }: Pick<Scan, 'metadata'>,
  { shiftSigmaEv = ENERGY_SIGMA_EV.shift }: ElementReference,
  { energyScale, energyShiftSource }: Pick<Preparation, 'energyScale' | 'energyShiftSource'>,
): number {
  const stated = statedSigma(metadata)?.ev;
  if (energyScale !== 'measured') return stated ?? ENERGY_SIGMA_EV.calculated;
  const source = ENERGY_SIGMA_EV[energyShiftSource];
  const own = energyShiftSource === 'table' ? (stated ?? source) : source;
  return Math.hypot(own, shiftSigmaEv);
}
