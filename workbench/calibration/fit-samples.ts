import type { GateTable, MeasuredMeans } from '../../src/gating/gate-table.ts';
import { fitCorrelatedNoise } from './fit-correlated-noise.ts';
import { fitIntervals } from './fit-intervals.ts';
import { fitValues } from './fit-values.ts';
import type { HeldOutSample } from './placed-samples.ts';

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
  const ofValues = fitValues(table, samples, offsetsEv);
  const withIntervals = fitIntervals(ofValues, samples, offsetsEv);
  const fitted = fitCorrelatedNoise(withIntervals, samples, offsetsEv);
  return measured === null ? fitted : { ...fitted, measured };
}
