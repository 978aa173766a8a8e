import { describe, expect, test } from '@jest/globals';
import { makeGate } from '../../src/gating/gate.ts';
import type { GateTable } from '../../src/gating/gate-table.ts';
import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { Prediction } from '../../src/messages/prediction.ts';
import type { Prepared } from '../../src/messages/prepared.ts';
import { isReject } from '../../src/messages/reject.ts';
import { makePrepare } from '../../src/spectra/prepare.ts';
import { COBALT, GRID, REFERENCES, scanOf, syntheticEdge } from '../spectra/synthetic-edge.ts';

const target = (thresholds: (number | null)[], meetsTarget = true) => ({
  thresholds,
  meetsTarget,
  evidence: { sites: 20, accepted: 18, right: 18 },
});
const IN_DISTRIBUTION = Array.from({ length: 3 }, () => ({ middle: 0, limit: 1 }));
const TABLE: GateTable = {
  madeFor: { 'weights.bin': 'f'.repeat(64) },
  accuracyTarget: { accuracy: 0.95, confidence: 0.9 },
  level: 0.9,
  noiseEdges: [0.01, 0.05, 0.1],
  embedding: { mean: [0, 0, 0, 0], scale: [1, 1, 1, 1] },
  calibrations: {
    metals: {
      OS: { kind: 'class', temperature: [1, 1, 1], setFloor: [0.2, 0.2, 0.1] },
      CN: { kind: 'class', temperature: [2, 2, 2], setFloor: [0.2, 0.2, 0.1] },
      OCN: { kind: 'class', temperature: [1, 1, 1], setFloor: [0.2, 0.2, 0.1] },
      NNRS: { kind: 'real', spread: [2, 2, 3], tolerance: 0.05, low: 0, high: 0.3 },
    },
    copper: { OS: { kind: 'class', temperature: [4, 4, 4], setFloor: [0, 0, 0] } },
  },
  outlierClassifier: { weights: [0, 0, 0, 0], bias: { Co: 0, Fe: 0 } },
  elements: {
    Co: {
      calibration: 'metals',
      trainingEmbeddingRows: 1,
      outOfDistributionLimit: [2, 2, 3],
      outlierRanges: IN_DISTRIBUTION,
      descriptors: {
        OS: target([0.8, 0.9, null]),
        CN: target([0.6, 0.7, 0.8]),
        OCN: target([0.6, 0.7, 0.8]),
        NNRS: target([0.9, 0.9, 0.9]),
      },
    },
    Fe: {
      calibration: 'copper',
      trainingEmbeddingRows: 1,
      outOfDistributionLimit: [2, 2, 3],
      outlierRanges: IN_DISTRIBUTION,
      descriptors: { OS: target([null, null, null], false) },
    },
  },
};

const rows = new Map([
  ['Co', Float32Array.of(9, 9, 9, 9, 0, 0, 0, 0)],
  ['Fe', new Float32Array(4)],
]);
const gate = makeGate({ table: TABLE, trainingEmbeddings: { ...TABLE.embedding, rows } });
const base = makePrepare({ grid: GRID, references: REFERENCES })(scanOf(syntheticEdge(COBALT)));
if (isReject(base)) throw new Error(base.detail);

function preparedWith(sigma: number, element = 'Co'): Prepared {
  const { input, preparation, spectrum } = base as Prepared;
  return {
    input: { ...input, element },
    preparation: { ...preparation, noise: { ...preparation.noise, sigma } },
    spectrum,
  };
}

function predictionOf(os: number[], cn = [0.02, 0.98], ocn = [0.02, 0.98], nnrs = 0.005): Prediction {
  const classes = (values: number[], probabilities: number[]) => ({
    kind: 'class' as const,
    classes: values,
    probabilities: Float32Array.from(probabilities),
  });
  return {
    outputs: {
      OS: classes([2, 3, 4], os),
      CN: classes([4, 6], cn),
      OCN: classes([4, 6], ocn),
      NNRS: { kind: 'real', mean: 0.08, sigma: nnrs },
    },
    embedding: new Float32Array(4),
  };
}

function judged(name: DescriptorName, judgement: ReturnType<typeof gate>) {
  return judgement.descriptors.find((each) => each.name === name)!;
}

describe('verdicts', () => {
  const sure = predictionOf([0.03, 0.95, 0.02]);

  test('accept what is confident enough at its noise, and the scan with it', () => {
    const judgement = gate(preparedWith(0.005), sure);
    expect(judgement.descriptors.map(({ name, verdict, reason }) => [name, verdict, reason])).toEqual([
      ['OS', 'ACCEPT', 'ok'],
      ['CN', 'ACCEPT', 'ok'],
      ['OCN', 'ACCEPT', 'ok'],
      ['NNRS', 'ACCEPT', 'ok'],
    ]);
    expect(judgement).toMatchObject({
      advice: 'ACCEPT',
      adviceReason: 'OS, CN, OCN can be acted on.',
      outOfDistributionLimit: 2,
    });
  });

  test('the mean is of the probabilities as the network gave them, the confidence of those that were calibrated', () => {
    const { expected, confidence } = judged('CN', gate(preparedWith(0.005), sure)); // 0.02, 0.98 at temperature 2
    expect(expected).toBeCloseTo(0.02 * 4 + 0.98 * 6, 6);
    expect(confidence).toBeCloseTo(0.98 ** 0.5 / (0.98 ** 0.5 + 0.02 ** 0.5), 6);
  });

  test('each element by the calibration of its group', () => {
    const { confidence } = judged('OS', gate(preparedWith(0.005, 'Fe'), sure)); // 0.03, 0.95, 0.02 at temperature 4
    const fourth = [0.03, 0.95, 0.02].map((p) => p ** 0.25);
    expect(confidence).toBeCloseTo(fourth[1]! / fourth.reduce((a, b) => a + b), 6);
  });

  test('flag a descriptor that the table does not know, with the interval of the network and no level', () => {
    const unknown = { kind: 'real' as const, mean: 2.5, sigma: 0.2 };
    const { outputs, embedding } = sure;
    const judgement = gate(preparedWith(0.005), { outputs: { ...outputs, NNOSM: unknown }, embedding });
    expect(judged('NNOSM', judgement)).toMatchObject({
      value: 2.5,
      low: expect.closeTo(2.17, 2),
      high: expect.closeTo(2.83, 2),
      level: 0,
      verdict: 'FLAG',
      reason: 'uncalibrated-element',
    });
    expect(judgement.advice).toBe('ACCEPT');
  });

  test('do not depend on the level for which intervals are stated', () => {
    const { OS, CN, OCN, NNRS } = TABLE.calibrations.metals!;
    const floors = { '0.5': [0.7, 0.7, 0.7] };
    const metals = {
      OS: { ...OS, setFloorAt: floors },
      CN: { ...CN, setFloorAt: floors },
      OCN: { ...OCN, setFloorAt: floors },
      NNRS: { ...NNRS, spreadAt: { '0.5': [0.6, 0.6, 0.6] } },
    } as GateTable['calibrations'][string];
    const trainingEmbeddings = { ...TABLE.embedding, rows };
    const half = makeGate({ table: { ...TABLE, calibrations: { metals } }, trainingEmbeddings }, 0.5);
    const narrow = half(preparedWith(0.005), sure);
    const published = gate(preparedWith(0.005), sure);
    const verdicts = ({ descriptors: all }: typeof narrow) => all.map(({ name, verdict }) => [name, verdict]);
    expect(verdicts(narrow)).toEqual(verdicts(published));
    expect(judged('NNRS', narrow)).toMatchObject({ level: 0.5, high: expect.closeTo(0.083, 6) });
    expect(judged('NNRS', published)).toMatchObject({ level: 0.9, high: expect.closeTo(0.09, 6) });
    expect(judged('OS', half(preparedWith(0.005), predictionOf([0.25, 0.7, 0.05])))).toMatchObject({
      low: 3,
    });
    expect(judged('OS', gate(preparedWith(0.005), predictionOf([0.25, 0.7, 0.05])))).toMatchObject({
      low: 2,
    });
    expect(() => makeGate({ table: TABLE, trainingEmbeddings }, 0.5)).toThrow('level from 0.9 to 0.9');
    const other = {
      ...metals,
      NNRS,
      OS: { ...OS, setFloorAt: { '0.95': [0.1, 0.1, 0.1] } },
    } as typeof metals;
    const most = makeGate({ table: { ...TABLE, calibrations: { metals: other } }, trainingEmbeddings }, 0.95);
    const all = judged('NNRS', most(preparedWith(0.005), sure)); // too few for it: all that was ever seen
    expect([all.low, all.high]).toEqual([0, 0.3]);
  });

  test('carry value, calibrated probability, expectation, set and noise threshold', () => {
    const { descriptors } = gate(preparedWith(0.005), predictionOf([0.08, 0.7, 0.22]));
    const os = descriptors[0]!;
    expect(os).toMatchObject({
      value: 3,
      low: 3,
      high: 4,
      level: 0.9,
      noiseThreshold: 0.05,
      unit: '',
      kind: 'class',
    });
    expect(os.confidence).toBeCloseTo(0.7, 5);
    expect(os.expected).toBeCloseTo(3.14, 5);
    const cn = descriptors[1]!;
    expect(cn.confidence).toBeLessThan(0.9); // temperature 2 takes 0.98 to 0.875
    expect(cn.probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
    const nnrs = descriptors[3]!;
    expect(nnrs).toMatchObject({ unit: 'angstrom', confidence: null, classes: [], noiseThreshold: 0.1 });
    expect([nnrs.low, nnrs.high]).toEqual([expect.closeTo(0.07, 6), expect.closeTo(0.09, 6)]);
  });

  test('flag what is not confident enough at this noise, though it was at less', () => {
    const unsure = predictionOf([0.1, 0.85, 0.05]);
    expect(judged('OS', gate(preparedWith(0.005), unsure)).verdict).toBe('ACCEPT');
    expect(judged('OS', gate(preparedWith(0.02), unsure))).toMatchObject({
      verdict: 'FLAG',
      reason: 'low-confidence',
    });
  });

  test('flag an interval too wide to be of use, and a real outside of all labels', () => {
    expect(
      judged('NNRS', gate(preparedWith(0.005), predictionOf([0, 1, 0], [0, 1], [0, 1], 0.04))),
    ).toMatchObject({
      verdict: 'FLAG',
      reason: 'wide-interval',
    });
    const far = { ...predictionOf([0, 1, 0]) };
    const outputs = { ...far.outputs, NNRS: { kind: 'real' as const, mean: 0.4, sigma: 0.005 } };
    expect(judged('NNRS', gate(preparedWith(0.005), { ...far, outputs }))).toMatchObject({
      reason: 'outside-classes',
    });
  });

  test('reject what no confidence can save at this noise', () => {
    for (const sigma of [0.06, 0.2]) {
      expect(judged('OS', gate(preparedWith(sigma), sure))).toMatchObject({
        verdict: 'REJECT',
        reason: 'noise-above-threshold',
        noiseThreshold: 0.05,
      });
    }
    expect(judged('CN', gate(preparedWith(0.06), sure)).verdict).toBe('ACCEPT');
    expect(judged('CN', gate(preparedWith(0.2), sure)).verdict).toBe('REJECT');
  });

  test('flag every value of an element that is not calibrated', () => {
    expect(judged('OS', gate(preparedWith(0.005, 'Fe'), sure))).toMatchObject({
      verdict: 'FLAG',
      reason: 'uncalibrated-element',
      noiseThreshold: 0,
    });
    expect(judged('CN', gate(preparedWith(0.005, 'Fe'), sure)).reason).toBe('uncalibrated-element');
  });

  test('a scan that ends early is judged by what scans cut short were worth', () => {
    const cobalt = TABLE.elements.Co!;
    const short = {
      ...{
        calibration: 'copper',
        outOfDistributionLimit: [1, 1, 1],
        outlierRanges: IN_DISTRIBUTION,
        beforeBin: 60,
      },
      descriptors: { OS: target([0.97, null, null]) },
    };
    const table = { ...TABLE, elements: { ...TABLE.elements, Co: { ...cobalt, short } } };
    const judge = makeGate({ table, trainingEmbeddings: { ...TABLE.embedding, rows } });
    const upTo = (bins: number): Prepared => {
      const whole = preparedWith(0.005);
      return {
        ...whole,
        input: { ...whole.input, mask: whole.input.mask.map((_, i) => (i < bins ? 1 : 0)) },
      };
    };
    expect(judge(upTo(61), sure)).toEqual(gate(upTo(61), sure));
    const cut = judge(upTo(60), sure);
    expect(cut.outOfDistributionLimit).toBe(1);
    expect(judged('OS', cut)).toMatchObject({
      verdict: 'FLAG',
      reason: 'low-confidence',
      noiseThreshold: 0.01,
    });
    expect(judged('OS', cut).confidence).toBeLessThan(0.7); // the calibration is another, with temperature 4
    expect(judged('CN', cut).reason).toBe('uncalibrated-element');
  });

  test('flag, then reject, a spectrum far from all that training knew of the element', () => {
    const at = (distance: number, sigma = 0.005) =>
      gate(preparedWith(sigma), { ...sure, embedding: new Float32Array(4).fill(distance) });
    expect(at(1.9)).toMatchObject({
      outOfDistributionScore: expect.closeTo(1.9, 5),
      outOfDistributionLimit: 2,
      advice: 'ACCEPT',
    });
    expect(judged('OS', at(2.1))).toMatchObject({ verdict: 'FLAG', reason: 'out-of-distribution' });
    expect(judged('NNRS', at(3.1))).toMatchObject({ verdict: 'REJECT', reason: 'out-of-distribution' });
    expect(at(2.1)).toMatchObject({ advice: 'INSPECT', adviceReason: expect.stringContaining('unlike') });
    expect(judged('CN', at(2.1, 0.06)).verdict).toBe('ACCEPT'); // noise moves every spectrum: its limit is wider
  });
});

describe('advice', () => {
  const sure = predictionOf([0.03, 0.95, 0.02]);

  test('is to accumulate when averaging takes the noise below the threshold, and says how often', () => {
    const { advice, adviceReason } = gate(preparedWith(0.09), sure);
    expect(advice).toBe('ACCUMULATE');
    expect(adviceReason).toContain('average about 4 scans'); // (0.09 / 0.05)^2 = 3.24
  });

  test('is to rescan when no reasonable number of repeats would do', () => {
    expect(gate(preparedWith(0.6), sure).advice).toBe('RESCAN');
  });

  test('is to accumulate for want of confidence in a noisy scan, to inspect in a clean one', () => {
    const unsure = predictionOf([0.1, 0.6, 0.3]);
    expect(gate(preparedWith(0.03), unsure).advice).toBe('ACCUMULATE');
    expect(gate(preparedWith(0.001), unsure).advice).toBe('INSPECT');
  });

  test('is to inspect answers that contradict each other, and elements that are not calibrated', () => {
    const contradiction = gate(preparedWith(0.005), predictionOf([0, 1, 0], [0.99, 0.01], [0.01, 0.99]));
    expect(contradiction).toMatchObject({
      advice: 'INSPECT',
      adviceReason: 'The answers contradict each other: 6 oxygens among 4 neighbours.',
    });
    expect(gate(preparedWith(0.005, 'Fe'), sure)).toMatchObject({
      advice: 'INSPECT',
      adviceReason: 'OS, CN, OCN is not calibrated for this element.',
    });
  });
});
