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

/**
 * Standard uncertainty of a scan's energies on the model's scale, eV: that of the monochromator and that of the shift
 * from calculation to measurement, as independent errors.
 */
export function energySigma(
  { metadata }: Pick<Scan, 'metadata'>,
  { shiftSigmaEv = ENERGY_SIGMA_EV.shift }: ElementReference,
  { energyScale, energyShiftSource }: Pick<Preparation, 'energyScale' | 'energyShiftSource'>,
): number {
  const stated = Number.parseFloat(metadata[STATED_SIGMA] ?? '');
  const isStated = stated >= 0 && stated <= 20;
  if (energyScale !== 'measured') return isStated ? stated : ENERGY_SIGMA_EV.calculated;
  const own = isStated && energyShiftSource === 'table' ? stated : ENERGY_SIGMA_EV[energyShiftSource];
  return Math.hypot(own, shiftSigmaEv);
}
