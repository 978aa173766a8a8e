import type { SiteMean, SiteMeans } from '../../src/messages/prediction.ts';
import type { ModelInput, Prepared } from '../../src/messages/prepared.ts';
import type { ReadStandard } from '../../src/messages/standard.ts';
import { GRID, scanOf } from '../spectra/synthetic-edge.ts';
import { predictionOf, preparedWith } from './example-gate.ts';

/** A normalised edge on the grid, with a white line behind it. */
export function edgeAt(atEv: number, whiteLine = 0.3): Float32Array {
  return Float32Array.from(GRID.offsetsEv, (offsetEv) => {
    const x = offsetEv - atEv;
    return 0.5 + Math.atan(x / 1.2) / Math.PI + whiteLine * Math.exp(-(((x - 4) / 3) ** 2));
  });
}

/** (1 - share) of the first, `share` of the second. */
export const mixed = (first: Float32Array, second: Float32Array, share: number): Float32Array =>
  first.map((value, i) => (1 - share) * value + share * second[i]!);

export const inputOf = (mu: Float32Array): ModelInput => ({
  element: 'Co',
  edge: 'K',
  mu,
  mask: new Float32Array(mu.length).fill(1),
});

export function preparedOf(mu: Float32Array, energyScale = 'measured'): Prepared {
  const prepared = preparedWith(0.005);
  return { ...prepared, input: inputOf(mu), preparation: { ...prepared.preparation, energyScale } };
}

/** What the network reads of oxidation states 2, 3 and 4; of coordination the same with other classes. */
export function siteMeansOf(os: Partial<SiteMean>, others: Partial<SiteMean> = {}): SiteMeans {
  const read = (classes: readonly number[], fields: Partial<SiteMean>): SiteMean => ({
    ...{ classes, shares: Float32Array.of(0.1, 0.8, 0.1), within: Float32Array.of(0.05, 0.85, 0.05, 0.05) },
    ...{ mean: classes[1]!, sigma: 0.1, mixed: 0.05 },
    ...fields,
  });
  return {
    OS: read([2, 3, 4], os),
    CN: read([4, 5, 6], others),
    OCN: read([4, 5, 6], others),
    outlier: 0.01,
  };
}

/** A sample of known mean oxidation state as the model reads it; a foil where none is given. */
export function standardOf(
  mu: Float32Array,
  value: number | null,
  options: { readonly uncertainty?: number; readonly read?: number } = {},
): ReadStandard {
  const { uncertainty = 0, read = value ?? 0 } = options;
  return {
    standard: {
      ...{ standardId: `Co ${value}`, beamline: 'test', element: 'Co', edge: 'K' },
      ...{ validFromMs: 0, validUntilMs: null, scan: scanOf({}) },
      known: value === null ? { kind: 'foil' } : { kind: 'mean-oxidation-state', value, uncertainty },
    },
    prepared: preparedOf(mu),
    prediction: { ...predictionOf([0, 1, 0]), siteMeans: siteMeansOf({ mean: read }) },
  };
}
