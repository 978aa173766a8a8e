import type { ElementReference, EnergyGrid, Prepared } from '../messages/prepared.ts';
import { isReject, type Reject, reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import { absorption } from './absorption.ts';
import { makePrepare } from './prepare.ts';

export type PreparedFoil = {
  readonly prepared: Prepared;
  /** eV: what is added to the energies of this monochromator, so that the foil's edge lies where it is tabulated. */
  readonly offsetEv: number;
};

/**
 * Makes the function that prepares the scan of a metal foil that stood where samples stand: it is its own reference
 * channel. A reject where the scan cannot be prepared, or no edge of the metal is seen in it.
 */
export function makePrepareFoil(options: {
  readonly grid: EnergyGrid;
  readonly references: readonly ElementReference[];
}): (scan: Scan) => PreparedFoil | Reject {
  const prepare = makePrepare(options);
  return (scan) => {
    const mu = absorption(scan);
    if (isReject(mu)) return mu;
    const prepared = prepare({ ...scan, muReference: mu, iReference: null });
    if (isReject(prepared)) return prepared;
    const { energyShiftEv, energyShiftSource, energyScale } = prepared.preparation;
    if (energyShiftSource !== 'reference-foil') {
      return reject(
        'edge-not-found',
        `Expected the edge of a foil of ${scan.element} on measured energies, got none near the tabulated one ` +
          `(energy.scale: ${energyScale})`,
      );
    }
    const reference = options.references.find(({ element }) => element === scan.element)!;
    return { prepared, offsetEv: energyShiftEv - reference.shiftsEv[energyScale]! };
  };
}
