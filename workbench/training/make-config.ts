import { FatalError } from '../../src/common/errors.ts';
import { DESCRIPTOR_NAMES, DESCRIPTORS, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { EnergyGrid, ModelInput } from '../../src/messages/prepared.ts';
import type { NetworkConfig } from '../../src/model/network-config.ts';
import type { Site } from '../data/dataset.ts';
import { countsOf, mean, variance } from '../report/statistics.ts';
import { binRange } from './grid.ts';
import { strongestPeriods } from './periods.ts';

/**
 * So many spectra of one calculation teach an element's bins, though another calculation with more of them ends
 * earlier.
 */
const ENOUGH_SPECTRA = 30;

/**
 * What the network takes from its training spectra: classes, scaling of reals, covered bins, periods.
 * @throws FatalError without any
 */
export function makeConfig(
  architecture: NetworkConfig['architecture'],
  grid: EnergyGrid,
  elements: readonly string[],
  training: readonly { readonly site: Site; readonly input: ModelInput }[],
): NetworkConfig {
  const { offsetsEv, requiredFromEv, requiredToEv } = grid;
  if (training.length === 0)
    throw new FatalError(
      `Expected training spectra that reach from ${requiredFromEv} to ${requiredToEv} eV about the middle of their edge, got none`,
    );
  const classes: Partial<Record<DescriptorName, number[]>> = {};
  const reals: Partial<Record<DescriptorName, { mean: number; scale: number }>> = {};
  for (const name of DESCRIPTOR_NAMES) {
    const values = training.flatMap(({ site }) => site.labels[name] ?? []);
    if (values.length === 0) continue; // no head: nothing to learn it from
    if (DESCRIPTORS[name].kind === 'class') {
      const known = classesOf(values);
      if (known.length > 0) classes[name] = known;
    } else if (values.some((value) => value !== values[0])) {
      // One value alone has no spread to learn.
      reals[name] = { mean: mean(values), scale: Math.sqrt(variance(values)) };
    }
  }
  const coverage = elements.map((element) => {
    const own = training.filter(({ site }) => site.element === element);
    const calculations = (['feff9', 'feff10'] as const)
      .map((scale) => own.filter(({ site }) => site.scale === scale))
      .filter(({ length }) => length >= ENOUGH_SPECTRA);
    return Array.from(offsetsEv, (_, bin) => {
      const halfHave = (spectra: typeof own) => {
        return spectra.filter(({ input }) => input.mask[bin] === 1).length >= spectra.length / 2;
      };
      return [own, ...calculations].some(halfHave) ? 1 : 0;
    });
  });
  const sequences = longSequences(training.map(({ input }) => input));
  return {
    architecture,
    offsetsEv: Array.from(offsetsEv),
    elements,
    coverage,
    gainBins: binRange(offsetsEv, 5, requiredToEv),
    requiredBins: binRange(offsetsEv, requiredFromEv, requiredToEv),
    channels: 32,
    features: 128,
    dropout: 0.2,
    periods: strongestPeriods(sequences, 3),
    windowEv: 2,
    classes,
    reals,
  };
}

/** A class that fewer than three training spectra have cannot be learned; those labels are left out. */
export function classesOf(values: readonly number[]): number[] {
  const counts = countsOf(values);
  return [...counts.keys()].filter((value) => counts.get(value)! >= 3).sort((a, b) => a - b);
}

/** Spectra that reach the end of the axis; if none does, as far as all of them reach. */
function longSequences(inputs: readonly ModelInput[]): Float32Array[] {
  const bins = inputs[0]?.mask.length ?? 0;
  const long = inputs.filter(({ mask }) => mask[Math.floor(0.95 * bins)] === 1);
  if (long.length > 0) return long.map(({ mu }) => pooled(mu));
  const end = Math.min(...inputs.map(({ mask }) => mask.lastIndexOf(1) + 1));
  return inputs.map(({ mu }) => pooled(mu.subarray(0, end - (end % 2))));
}

/** Halved in length, as the network's stem does. */
function pooled(mu: Float32Array): Float32Array {
  return Float32Array.from({ length: mu.length / 2 }, (_, i) => (mu[2 * i]! + mu[2 * i + 1]!) / 2);
}
