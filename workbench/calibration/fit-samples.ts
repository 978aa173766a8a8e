import type { GateTable, MeasuredMeans } from '../../src/gating/gate-table.ts';
import { fitCorrelatedNoise } from './fit-correlated-noise.ts';
import { fitIntervals } from './fit-intervals.ts';
import { fitValues } from './fit-values.ts';
import { type HeldOutSample, placedSamples } from './placed-samples.ts';

/**
 * Adds to the gate's table all that samples under every condition say: how far values can be trusted, how much is asked
 * of them, what their intervals and those of means over sites are, and what measured samples taught of means.
 * @param table as spectra of single sites made it
 * @param offsetsEv the model's grid
 * @param measured null where nobody fitted it
 */
export function fitSamples(
  table: GateTable,
  samples: readonly HeldOutSample[],
  offsetsEv: readonly number[],
  measured: MeasuredMeans | null,
): GateTable {
  const placed = placedSamples(table, samples); // limits and groups stay as they are
  const ofValues = fitValues(table, placed, offsetsEv);
  const withIntervals = fitIntervals(ofValues, placed, offsetsEv);
  const fitted = fitCorrelatedNoise(withIntervals, placed, offsetsEv);
  return measured === null ? fitted : { ...fitted, measured };
}
