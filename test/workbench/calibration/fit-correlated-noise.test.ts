import { describe, expect, test } from '@jest/globals';
import { type GateTable, gateProblem } from '../../../src/gating/gate-table.ts';
import { termCount } from '../../../src/gating/logistic-model.ts';
import { EVIDENCE } from '../../../src/gating/trust.ts';
import type { SiteMean } from '../../../src/messages/prediction.ts';
import { CONDITIONS } from '../../../workbench/calibration/conditions.ts';
import { fitCorrelatedNoise } from '../../../workbench/calibration/fit-correlated-noise.ts';
import { type HeldOutSample, placedSamples } from '../../../workbench/calibration/placed-samples.ts';
import type { Site } from '../../../workbench/data/dataset.ts';
import { predictionOf, preparedWith, TABLE } from '../../gating/example-gate.ts';
import { siteMeansOf } from '../../gating/example-means.ts';

/** Trust that is the probability of the class by the network of means: the second piece of evidence. */
const trust = {
  mean: new Array<number>(EVIDENCE).fill(0),
  deviation: new Array<number>(EVIDENCE).fill(1),
  weights: Array.from({ length: termCount(EVIDENCE) }, (_, i) => (i === 1 ? 1 : 0)),
  bias: 0,
};
const metals = TABLE.calibrations.metals!;
const TRUSTING: GateTable = {
  ...TABLE,
  calibrations: { ...TABLE.calibrations, metals: { ...metals, OS: { ...metals.OS!, trust } as never } },
};
const [clean] = CONDITIONS;
const mixture = CONDITIONS.find(({ isMixture }) => isMixture)!;

type Options = {
  readonly trust: number;
  readonly isRight?: boolean;
  readonly hasCorrelatedNoise?: boolean;
  readonly isMixture?: boolean;
  readonly distance?: number;
};

/** Cobalt that is read as 3, with so much trust, at a noise at which the table asks 0.8. */
function sampleOf(id: string, options: Options): HeldOutSample {
  const { isRight = true, hasCorrelatedNoise = true, isMixture = false, distance = 0.5 } = options;
  const rest = (1 - options.trust) / 3;
  const read: Partial<SiteMean> = { within: Float32Array.of(rest, options.trust, rest, rest) };
  const { input, preparation } = preparedWith(0.005);
  return {
    condition: isMixture ? mixture : clean!,
    site: { id, element: 'Co' } as Site,
    truth: { OS: { mean: isRight ? 3 : 2, weight: 1, differ: isMixture } },
    doubtfulOs: null,
    prepared: { input, preparation: { ...preparation, hasCorrelatedNoise } },
    prediction: { ...predictionOf([0.02, 0.96, 0.02]), siteMeans: siteMeansOf(read) },
    ...{ distance, odds: { classifier: -4, means: undefined } },
  };
}
const samplesOf = (count: number, options: (i: number) => Options, name = 'site'): HeldOutSample[] =>
  Array.from({ length: count }, (_, i) => sampleOf(`${name} ${i}`, options(i)));
const fitted = (samples: readonly HeldOutSample[]) =>
  fitCorrelatedNoise(TRUSTING, placedSamples(TRUSTING, samples), []);
const osOf = (table: GateTable) => table.elements.Co!.descriptors.OS!;

/** From 0.8 to 0.98. */
const rising = (i: number, of: number): number => 0.8 + (0.18 * (i + 0.5)) / of;

describe('trust that is asked where neighbouring points err alike', () => {
  test('is what the other samples ask, where all of them are right', () => {
    const table = fitted(samplesOf(60, (i) => ({ trust: rising(i, 60) })));
    expect(gateProblem(JSON.parse(JSON.stringify(table)))).toBeNull();
    expect(osOf(table).correlatedThreshold).toBeCloseTo(rising(0, 60), 5);
    expect(table.elements.Co!.descriptors.CN).not.toHaveProperty('correlatedThreshold'); // without trust
    expect(table.elements.Fe).toEqual(TRUSTING.elements.Fe); // of another group
  });

  test('is more where the less certain ones are wrong too often', () => {
    const samples = samplesOf(120, (i) => ({ trust: rising(i, 120), isRight: i >= 60 || i % 3 > 0 }));
    const { correlatedThreshold, thresholds } = osOf(fitted(samples));
    expect(correlatedThreshold).toBeGreaterThan(rising(50, 120));
    expect(correlatedThreshold).toBeLessThan(rising(70, 120));
    expect(thresholds).toEqual(osOf(TRUSTING).thresholds); // what is asked of other scans stays
  });

  test('is more than any where too many are wrong at every trust', () => {
    const samples = samplesOf(60, (i) => ({ trust: rising(i, 60), isRight: i % 4 > 0 }));
    expect(osOf(fitted(samples)).correlatedThreshold).toBeNull();
  });

  test('is more than any where sites are too few to show it, though all are right', () => {
    const of = (count: number) => osOf(fitted(samplesOf(count, (i) => ({ trust: rising(i, count) }))));
    expect(of(22).correlatedThreshold).toBeNull();
    expect(of(23).correlatedThreshold).toBeCloseTo(rising(0, 23), 5);
  });

  test('is learned of single sites in distribution that have such noise and would be accepted', () => {
    const right = samplesOf(60, (i) => ({ trust: rising(i, 60) }));
    const wrong = (others: Partial<Options>) =>
      samplesOf(60, () => ({ trust: 0.9, isRight: false, ...others }), 'wrong');
    expect(osOf(fitted([...right, ...wrong({})])).correlatedThreshold).toBeGreaterThan(0.9); // these teach
    const useless = [
      ...wrong({ hasCorrelatedNoise: false }),
      ...wrong({ isMixture: true }),
      ...wrong({ distance: 2.5 }),
      ...wrong({ trust: 0.7 }),
    ];
    expect(fitted([...right, ...useless])).toEqual(fitted(right));
    expect(osOf(fitted(useless)).correlatedThreshold).toBeNull(); // of what was not seen nothing is accepted
  });
});
