import type { ElementReference } from '../messages/prepared.ts';
import { isReject, type Reject, reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import { absorption } from './absorption.ts';
import { checkEnergies } from './check-energies.ts';
import type { StandardFoil } from './energy-shift.ts';
import { firstInflectionOffset } from './foil-offset.ts';
import { orderPoints } from './order-points.ts';

/**
 * Makes the function that reads the scan of a metal foil that stood where samples stand. It need not reach as far as a
 * sample's: many beamlines scan a foil about its edge alone. A reject where it cannot be read, or nothing rises where
 * the metal's edge is tabulated.
 */
export function makePrepareFoil({
  references,
}: {
  readonly references: readonly ElementReference[];
}): (scan: Scan) => StandardFoil | Reject {
  return (given) => {
    const reference = references.find(
      ({ element, edge }) => element === given.element && edge === given.edge,
    );
    if (reference === undefined)
      return reject(
        'unknown-element',
        `Expected a foil of an element of the model, got ${given.element} ${given.edge}`,
      );
    const energyScale = given.metadata['energy.scale'] ?? 'measured';
    if (energyScale !== 'measured')
      return reject(
        'unknown-energy-scale',
        `Expected the energies of a foil to be measured, got ${energyScale}`,
      );
    const scan = orderPoints(given)?.scan ?? given;
    const badEnergies = checkEnergies(scan.energyEv);
    if (badEnergies !== null) return badEnergies;
    const mu = absorption(scan);
    if (isReject(mu)) return mu;
    const offsetEv = firstInflectionOffset(scan.energyEv, mu, reference.foilE0Ev);
    if (offsetEv !== null) return { offsetEv };
    return reject(
      'edge-not-found',
      `Expected the edge of a foil of ${scan.element} within 20 eV of ${reference.foilE0Ev} eV, got none`,
    );
  };
}
