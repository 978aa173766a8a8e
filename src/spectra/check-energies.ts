import { type Reject, reject } from '../messages/reject.ts';

/** Fewest points from which an edge can be normalised, and more points than any XANES scan has. */
export const MIN_POINTS = 20;
export const MAX_POINTS = 20_000;

/** Null where energies (eV) are of a usable number, finite, positive and strictly increasing; else why not. */
export function checkEnergies(energyEv: Float64Array): Reject | null {
  const points = energyEv.length;
  if (points < MIN_POINTS) {
    return reject('too-few-points', `Expected energyEv to have at least ${MIN_POINTS} points, got ${points}`);
  }
  if (points > MAX_POINTS) {
    return reject('too-many-points', `Expected energyEv to have at most ${MAX_POINTS} points, got ${points}`);
  }
  let previous = 0;
  for (let i = 0; i < points; i += 1) {
    const energy = energyEv[i]!;
    if (!Number.isFinite(energy)) {
      return reject('non-finite', `Expected energyEv to be finite, got ${energy} at index ${i}`);
    }
    if (energy <= previous) {
      return reject(
        'unsorted-energies',
        `Expected energyEv to increase strictly from above 0 eV, got ${energy} after ${previous} at index ${i}`,
      );
    }
    previous = energy;
  }
  return null;
}
