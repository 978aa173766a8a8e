import type { ElementReference, Preparation } from '../messages/prepared.ts';
import type { Scan } from '../messages/scan.ts';
import { readFoil } from './foil-offset.ts';

/** A foil that was measured at the beamline by itself. `offsetEv`: to be added to the energies of its monochromator. */
export type StandardFoil = { readonly offsetEv: number };

/** Where a scan's energies are counted from, and what is known of them. */
export type EnergyScale = {
  readonly energyScale: string;
  /** eV from that scale to the model's, where the scale is right. */
  readonly tableShiftEv: number;
  readonly standardFoil: StandardFoil | null;
};

type Shift = Pick<Preparation, 'energyShiftEv' | 'energyShiftSource'> & {
  /** Why the reference channel was not believed, in a clause; null where it was, or there is none. */
  readonly unusable: string | null;
};

/**
 * What is added to a scan's energies to reach the model's scale: the table's shift and, of a measured scan, the offset
 * of its own reference foil, else of the foil that was measured at its beamline by itself, if there is either.
 */
export function energyShift(
  scan: Scan,
  reference: ElementReference,
  { energyScale, tableShiftEv, standardFoil }: EnergyScale,
): Shift {
  const byTable: Shift = { energyShiftEv: tableShiftEv, energyShiftSource: 'table', unusable: null };
  if (energyScale !== 'measured') return byTable;
  const foil = readFoil(scan, reference.foilE0Ev);
  if (foil.kind === 'foil')
    return {
      energyShiftEv: tableShiftEv + foil.offsetEv,
      energyShiftSource: 'reference-foil',
      unusable: null,
    };
  const unusable = foil.kind === 'unusable' ? foil.why : null;
  if (standardFoil === null) return { ...byTable, unusable };
  const energyShiftEv = tableShiftEv + standardFoil.offsetEv;
  return { energyShiftEv, energyShiftSource: 'standard-foil', unusable };
}
