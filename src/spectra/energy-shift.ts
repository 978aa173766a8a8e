import type { ElementReference, Preparation } from '../messages/prepared.ts';
import type { Scan } from '../messages/scan.ts';
import { foilOffset } from './foil-offset.ts';

/** A foil that was measured at the beamline by itself. `offsetEv`: to be added to the energies of its monochromator. */
export type StandardFoil = { readonly offsetEv: number };

/** Where a scan's energies are counted from, and what is known of them. */
export type EnergyScale = {
  readonly energyScale: string;
  /** eV from that scale to the model's, where the scale is right. */
  readonly tableShiftEv: number;
  readonly standardFoil: StandardFoil | null;
};

/**
 * What is added to a scan's energies to reach the model's scale: the table's shift and, of a measured scan, the offset
 * of its own reference foil, else of the foil that was measured at its beamline by itself, if there is either.
 */
export function energyShift(
  scan: Scan,
  reference: ElementReference,
  { energyScale, tableShiftEv, standardFoil }: EnergyScale,
): Pick<Preparation, 'energyShiftEv' | 'energyShiftSource'> {
  if (energyScale === 'measured') {
    const ownEv = foilOffset(scan, reference.foilE0Ev);
    if (ownEv !== null) return { energyShiftEv: tableShiftEv + ownEv, energyShiftSource: 'reference-foil' };
    if (standardFoil !== null)
      return { energyShiftEv: tableShiftEv + standardFoil.offsetEv, energyShiftSource: 'standard-foil' };
  }
  return { energyShiftEv: tableShiftEv, energyShiftSource: 'table' };
}
