import { describe, expect, test } from '@jest/globals';
import type { GateTable, MeasuredMeans } from '../../../src/gating/gate-table.ts';
import { gateProblem } from '../../../src/gating/gate-table.ts';
import { evidenceFor, evidenceOf, surroundingsOf, trustIn } from '../../../src/gating/trust.ts';
import { MEAN_NAMES, type SiteMean } from '../../../src/messages/prediction.ts';
import { CONDITIONS } from '../../../workbench/calibration/conditions.ts';
import { fitSamples } from '../../../workbench/calibration/fit-samples.ts';
import { NOISE_EDGES } from '../../../workbench/calibration/judge-elements.ts';
import type { HeldOutSample } from '../../../workbench/calibration/placed-samples.ts';
import type { Site } from '../../../workbench/data/dataset.ts';
import { seededRandom } from '../../../workbench/data/random.ts';
import { predictionOf, preparedWith, TABLE, target } from '../../gating/example-gate.ts';
import { siteMeansOf } from '../../gating/example-means.ts';

const bins = <T>(value: T): T[] => NOISE_EDGES.map(() => value);
const ofEach = (kind: 'setFloor' | 'temperature', value: number) => ({ [kind]: bins(value) });
const classCalibration = { kind: 'class' as const, ...ofEach('temperature', 1), ...ofEach('setFloor', 0.1) };
const known = (calibration: string) => ({
  ...{ calibration, trainingEmbeddingRows: 1, outOfDistributionLimit: bins(2) },
  outlierRanges: bins({ middle: 0, limit: 1 }),
  descriptors: {
    OS: target(bins(0.99)),
    CN: target(bins(0.99)),
    OCN: target(bins(0.99)),
    NNRS: target(bins(0.9)),
  },
});
const SITES_ALONE = {
  ...TABLE,
  noiseEdges: NOISE_EDGES,
  calibrations: {
    metals: {
      OS: classCalibration,
      CN: classCalibration,
      OCN: classCalibration,
      NNRS: TABLE.calibrations.metals!.NNRS,
    },
    copper: { OS: classCalibration },
  },
  elements: { Co: known('metals'), Cu: known('copper') },
} as unknown as GateTable;
const MEASURED: MeasuredMeans = {
  domain: { other: 0.6 },
  change: { evPerUnit: 2, floor: 0.1, share: 0.2 },
  anchored: { floor: 0.03, ofSpan: 0.1, ofBeyond: 0.5, factor: { other: 2 } },
};
const offsetsEv = [-10, 0, 10];
const random = seededRandom(8);
const [clean] = CONDITIONS;
const mixture = CONDITIONS.find(({ isMixture }) => isMixture)!;

/** Of state 3 by both networks; the truth is that, or what it is said to be. */
function sampleOf(options: {
  readonly id: string;
  readonly truth?: number;
  readonly within?: number;
  readonly mean?: number;
  readonly noise?: number;
  readonly sigma?: number;
  readonly distance?: number;
  readonly isMixture?: boolean;
}): HeldOutSample {
  const {
    id,
    truth = 3,
    within = 0.95,
    mean = 3,
    noise = 0.001,
    sigma = 0.1,
    distance = 0.5,
    isMixture = false,
  } = options;
  const rest = (1 - within) / 3;
  const read: Partial<SiteMean> = { mean, sigma, within: Float32Array.of(rest, within, rest, rest) };
  const six: Partial<SiteMean> = {
    classes: [4, 6],
    mean: 6,
    within: Float32Array.of(0.01, 0.98, 0.01),
    shares: Float32Array.of(0.02, 0.98),
  };
  const label = (value: number) => ({ mean: value, weight: 1, differ: isMixture });
  return {
    condition: isMixture ? mixture : clean!,
    site: { id, element: 'Co' } as Site,
    truth: { OS: label(truth), CN: label(6), OCN: label(6) },
    doubtfulOs: null,
    prepared: preparedWith(noise),
    prediction: { ...predictionOf([0.02, 0.96, 0.02]), siteMeans: siteMeansOf(read, six) },
    ...{ distance, odds: { classifier: -4, means: undefined } },
  };
}
/** In each noise bin: 160 samples that are right, of which the network of means is sure, and 80 of which it is not. */
const samples = NOISE_EDGES.flatMap((edge) =>
  Array.from({ length: 240 }, (_, i) => {
    const sure = i % 3 > 0;
    const sigma = 0.05 + 0.1 * random.uniform();
    const truth = sure || i % 6 === 0 ? 3 : 2;
    return sampleOf({
      ...{ id: `site ${i}`, truth, noise: 0.9 * edge, within: sure ? 0.9 + 0.05 * random.uniform() : 0.3 },
      sigma,
      mean: 3 + 10 * sigma ** 2 * random.normal(), // more of its sigmas where that is large
    });
  }),
);
const table = fitSamples(SITES_ALONE, samples, offsetsEv, MEASURED);

describe('the table with means', () => {
  test('is one that the gate takes, and what it held of others stays', () => {
    expect(gateProblem(JSON.parse(JSON.stringify(table)))).toBeNull();
    expect(table).toMatchObject({ offsetsEv, measured: MEASURED });
    expect(table.calibrations.copper).toEqual(SITES_ALONE.calibrations.copper);
    expect(table.calibrations.metals!.NNRS).toEqual(SITES_ALONE.calibrations.metals!.NNRS);
    expect(table.elements.Cu).toEqual(SITES_ALONE.elements.Cu);
    expect(table.elements.Co!.descriptors.NNRS).toEqual(SITES_ALONE.elements.Co!.descriptors.NNRS);
    expect(Object.keys(table.means!)).toEqual(['metals']);
    expect(fitSamples(SITES_ALONE, samples, offsetsEv, null)).not.toHaveProperty('measured');
  });

  test('intervals hold as many of the true means as they state, wherever sigma lies', () => {
    const { sigmaEdges, spread, spreadAt } = table.means!.metals!.OS!;
    expect([sigmaEdges.length, spread.length]).toEqual([5, 6]);
    spread.forEach((multiple, range) => {
      const own = samples.filter(({ prediction }) => {
        const { sigma } = prediction.siteMeans!.OS;
        return sigma >= (sigmaEdges[range - 1] ?? 0) && sigma < (sigmaEdges[range] ?? 9);
      });
      const inside = own.filter(({ truth, prediction }) => {
        const { mean, sigma } = prediction.siteMeans!.OS;
        return Math.abs(truth.OS!.mean - mean) <= multiple * sigma;
      });
      expect(own.length).toBeGreaterThan(240);
      expect(inside.length / own.length).toBeGreaterThanOrEqual(0.89);
      expect(inside.length / own.length).toBeLessThan(0.93);
    });
    for (const i of spread.keys()) expect(spreadAt['0.5']![i]!).toBeLessThan(spreadAt['0.8']![i]!);
    expect(spreadAt['0.5']![5]!).toBeGreaterThan(1.3 * spreadAt['0.5']![0]!);
  });

  test('trusts what was right, and accepts it alone', () => {
    const { trust } = table.calibrations.metals!.OS as { trust?: Parameters<typeof trustIn>[1] };
    const trustOf = ({ prediction, prepared, distance }: HeldOutSample) =>
      trustIn(
        evidenceFor(
          3,
          0.96,
          prediction.siteMeans!.OS,
          surroundingsOf(prepared, offsetsEv, {
            outlier: prediction.siteMeans!.outlier,
            outOfDistribution: distance / 2,
          }),
        ),
        trust!,
      );
    const { thresholds, evidence, meetsTarget } = table.elements.Co!.descriptors.OS!;
    expect(meetsTarget).toBe(true);
    expect(evidence.sites).toBe(240);
    expect(evidence.right / evidence.accepted).toBeGreaterThan(0.95);
    const noiseFree = samples.filter(({ prepared }) => prepared.preparation.noise.sigma < 0.005);
    const accepted = noiseFree.filter((sample) => trustOf(sample) >= thresholds[0]!);
    const sure = ({ prediction }: HeldOutSample) => prediction.siteMeans!.OS.within[1]! > 0.5;
    expect(accepted.filter(sure)).toHaveLength(160); // all of them
    expect(accepted.length).toBeLessThan(200); // of 80 that are not sure, half are wrong
  });

  test('trusts a value that has no mean by what speaks for CN, where single sites would have it accepted', () => {
    // As sure of itself each time, and wrong where the network of means says that sites differ.
    const withLengths = samples.map((sample, i) => {
      const differ = i % 3 === 0;
      const siteMeans = { ...sample.prediction.siteMeans! };
      return {
        ...sample,
        truth: { ...sample.truth, NNRS: { mean: differ ? 0.2 : 0.08, weight: 1, differ } },
        prediction: {
          ...sample.prediction,
          siteMeans: { ...siteMeans, CN: { ...siteMeans.CN, mixed: differ ? 0.9 : 0.05 } },
        },
      };
    });
    const { calibrations, elements } = fitSamples(SITES_ALONE, withLengths, offsetsEv, null);
    const { trust } = calibrations.metals!.NNRS!;
    const { thresholds, meetsTarget } = elements.Co!.descriptors.NNRS!;
    expect(meetsTarget).toBe(true);
    const accepted = withLengths.filter(({ prepared, prediction, distance }) => {
      const { outputs, siteMeans } = prediction;
      const strange = { outlier: siteMeans.outlier, outOfDistribution: distance / 2 };
      const surroundings = surroundingsOf(prepared, offsetsEv, strange);
      return (
        trustIn(evidenceOf('NNRS', { outputs, siteMeans }, surroundings, 0.05), trust!) >= thresholds[0]!
      );
    });
    expect(accepted.every(({ truth }) => !truth.NNRS.differ)).toBe(true);
    expect(accepted).toHaveLength((samples.length * 2) / 3);

    const { Co } = SITES_ALONE.elements;
    const never = { ...Co!, descriptors: { ...Co!.descriptors, NNRS: target(bins(null), false) } };
    const without = { ...SITES_ALONE, elements: { ...SITES_ALONE.elements, Co: never } };
    const kept = fitSamples(without, withLengths, offsetsEv, null);
    const { trust: ofIntervals, byTrust, ...known } = kept.calibrations.metals!.NNRS!;
    expect(known).toEqual(SITES_ALONE.calibrations.metals!.NNRS); // intervals alone go by trust
    expect(ofIntervals).toBeDefined();
    expect(byTrust!.width.length).toBeGreaterThan(1);
    expect(kept.elements.Co!.descriptors.NNRS).toMatchObject(never.descriptors.NNRS);
  });

  test('mixtures raise the threshold where their classes are wrong as surely', () => {
    const wrong = Array.from({ length: 700 }, (_, i) =>
      sampleOf({ id: `site ${i}`, truth: 2.5, within: 0.93, mean: 2.95, isMixture: true }),
    );
    const { thresholds, meetsTarget } = fitSamples(SITES_ALONE, [...samples, ...wrong], offsetsEv, null)
      .elements.Co!.descriptors.OS!;
    const [before] = table.elements.Co!.descriptors.OS!.thresholds;
    expect(meetsTarget && thresholds[0] !== null && thresholds[0]! <= before!).toBe(false);
  });
});

test('what is out of distribution, too noisy or without means teaches nothing', () => {
  const { prediction, ...rest } = sampleOf({ id: 'x', truth: 2 });
  const { siteMeans: _, ...single } = prediction;
  const useless = [
    ...Array.from({ length: 300 }, (_, i) => sampleOf({ id: `far ${i}`, truth: 2, distance: 2.5 })),
    ...Array.from({ length: 300 }, (_, i) => sampleOf({ id: `noisy ${i}`, truth: 2, noise: 0.5 })),
    ...Array.from({ length: 300 }, () => ({ ...rest, prediction: single })),
    ...Array.from({ length: 300 }, (_, i) => ({ ...sampleOf({ id: `zinc ${i}`, truth: 2 }), ...zinc() })),
  ];
  expect(fitSamples(SITES_ALONE, [...samples, ...useless], offsetsEv, MEASURED)).toEqual(table);
  expect(MEAN_NAMES.every((name) => table.means!.metals![name] !== undefined)).toBe(true);

  function zinc(): Pick<HeldOutSample, 'prepared' | 'site'> {
    return { prepared: preparedWith(0.001, 'Zn'), site: { id: 'zinc', element: 'Zn' } as Site };
  }
});
