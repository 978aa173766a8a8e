import { type Reject, reject } from '../messages/reject.ts';
import { SCAN_BOUNDS } from '../messages/scan.ts';

const { leastPoints: MIN_POINTS, points: MAX_POINTS, lowestEnergyEv, highestEnergyEv } = SCAN_BOUNDS;

/** Null where energies (eV) are of a usable number, finite, positive and strictly increasing; else why not. */
export function checkEnergies(energyEv: Float64Array): Reject | null {
  const points = energyEv.length;
  if (points < MIN_POINTS) {
    return reject('too-few-points', `Expected energyEv to have at least ${MIN_POINTS} points, got ${points}`);
  }
  if (points > MAX_POINTS) {
    return reject('too-many-points', `Expected energyEv to have at most ${MAX_POINTS} points, got ${points}`);
  }
  for (let i = 0; i < points; i += 1) {
    const energy = energyEv[i]!;
    if (energy >= lowestEnergyEv && energy <= highestEnergyEv && (i === 0 || energy > energyEv[i - 1]!))
      continue;
    if (!Number.isFinite(energy)) {
      return reject('non-finite', `Expected energyEv to be finite, got ${energy} at index ${i}`);
    }
    if (energy > 0 && energy < lowestEnergyEv) return outOfRange(energy, i);
    const previous = i === 0 ? 0 : energyEv[i - 1]!;
    if (energy <= previous) {
      return reject(
        'unsorted-energies',
        `Expected energyEv to increase strictly from above 0 eV, got ${energy} after ${previous} at index ${i}`,
      );
    }
    return outOfRange(energy, i);
  }
  return null;
}

const outOfRange = (energyEv: number, index: number): Reject =>
  reject(
    'energy-out-of-range',
    `Expected energyEv within ${lowestEnergyEv} and ${highestEnergyEv} eV, got ${energyEv} at index ${index}`,
  );
