import type { EnergyGrid } from '../messages/prepared.ts';
import { type Reject, reject } from '../messages/reject.ts';
import { lowerBound } from './lower-bound.ts';
import { MAX_GAP_EV } from './resample.ts';

/**
 * Null where the scan was measured over the required part of the model's axis without a gap; else why not.
 * @param referenceEv where the axis has offset 0, on the scan's own scale
 * @param edgeFound a clause that says where the scan does have an edge, for who published the wrong element
 */
export function checkCoverage(
  energyEv: Float64Array,
  grid: EnergyGrid,
  referenceEv: number,
  edgeFound: () => string,
): Reject | null {
  const fromEv = referenceEv + grid.requiredFromEv;
  const toEv = referenceEv + grid.requiredToEv;
  const firstEv = energyEv[0]!;
  const lastEv = energyEv[energyEv.length - 1]!;
  if (firstEv > fromEv || lastEv < toEv) {
    return reject(
      'grid-not-covered',
      `Expected energyEv to cover ${fromEv.toFixed(1)} to ${toEv.toFixed(1)} eV, ` +
        `got ${firstEv.toFixed(1)} to ${lastEv.toFixed(1)} eV; ${edgeFound()}`,
    );
  }
  const end = lowerBound(energyEv, toEv);
  for (let i = Math.max(1, lowerBound(energyEv, fromEv)); i <= end && i < energyEv.length; i += 1) {
    const previousEv = energyEv[i - 1]!;
    // Of a step that begins in the pre-edge, which may be coarse, what lies in the range counts.
    if (energyEv[i]! - Math.max(previousEv, fromEv) > MAX_GAP_EV) {
      return reject(
        'grid-not-covered',
        `Expected steps of at most ${MAX_GAP_EV} eV from ${fromEv.toFixed(1)} to ${toEv.toFixed(1)} eV, ` +
          `got ${(energyEv[i]! - previousEv).toFixed(1)} eV before ${energyEv[i]!.toFixed(1)} eV at index ${i}`,
      );
    }
  }
  return null;
}
