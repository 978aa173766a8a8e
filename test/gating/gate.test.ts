import { describe, expect, test } from '@jest/globals';
import { makeGate } from '../../src/gating/gate.ts';
import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { GateInput, Prepared } from '../../src/messages/prepared.ts';
import { GATE, IN_DISTRIBUTION, predictionOf, preparedWith, TABLE, target } from './example-gate.ts';

const gate = makeGate(GATE);

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
      adviceReason: 'The classes of OS, CN, OCN can be acted on.',
      outOfDistributionLimit: 2,
    });
  });

  test('flag what absorbs before the edge as a metal does, whatever the networks say', () => {
    const weights = [...new Array<number>(5).fill(1), ...new Array<number>(15).fill(0)];
    const metalDetector = {
      ...{ mean: new Array<number>(5).fill(-2), deviation: new Array<number>(5).fill(1) },
      ...{ weights, bias: 0 },
    };
    const { Co } = TABLE.elements;
    const metalRanges = TABLE.noiseEdges.map(() => ({ middle: -4, limit: 0 }));
    const table = {
      ...TABLE,
      metalDetector,
      offsetsEv: [-9, -8, -6, -5, -3],
      elements: { Co: { ...Co!, metalRanges } },
    };
    const seeing = makeGate({ ...GATE, table });
    const scanOf = (mu: number) => {
      const scan = preparedWith(0.005);
      return {
        ...scan,
        input: { ...scan.input, mu: new Float32Array(5).fill(mu), mask: new Float32Array(5).fill(1) },
      };
    };
    expect(judged('OS', seeing(scanOf(0.02), sure)).verdict).toBe('ACCEPT');
    expect(judged('OS', seeing(scanOf(0.3), sure))).toMatchObject({ reason: 'out-of-distribution' });
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

  test('a class without calibration is stated with all classes in its interval', () => {
    expect(judged('CN', gate(preparedWith(0.005, 'Fe'), sure))).toMatchObject({
      low: 4,
      high: 6,
      level: 0.9,
    });
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

  test('draw intervals by how far a value is trusted, where calibration asked that', () => {
    const { OS, NNRS, ...others } = TABLE.calibrations.metals!;
    const metals = {
      ...others,
      OS: { ...OS!, byTrust: { edges: [0.8], width: [0.05, 0.5], widthAt: {} } },
      NNRS: { ...NNRS!, byTrust: { edges: [0.99], width: [9, 1], widthAt: {} } },
    };
    const byTrust = makeGate({
      ...GATE,
      table: { ...TABLE, calibrations: { ...TABLE.calibrations, metals } },
    });
    const of = (name: 'OS' | 'NNRS', os: number[], sigma?: number) => {
      const prediction = predictionOf(os, [0.02, 0.98], [0.02, 0.98], sigma);
      const { low, high } = judged(name, byTrust(preparedWith(0.005), prediction));
      return [low, high];
    };
    expect(of('OS', [0.1, 0.85, 0.05])).toEqual([3, 3]);
    expect(of('OS', [0.1, 0.75, 0.15])).toEqual([2, 4]);
    expect(of('NNRS', [0, 1, 0], 0.005)).toEqual([expect.closeTo(0.075, 6), expect.closeTo(0.085, 6)]);
    expect(of('NNRS', [0, 1, 0], 0.04)).toEqual([0, expect.closeTo(0.44, 6)]);
  });

  test('a real that is read below zero lies in its interval nevertheless', () => {
    const { outputs, embedding } = sure;
    const below = {
      outputs: { ...outputs, NNRS: { kind: 'real' as const, mean: -0.05, sigma: 0.01 } },
      embedding,
    };
    const nnrs = judged('NNRS', gate(preparedWith(0.005), below));
    expect([nnrs.low, nnrs.value, nnrs.high]).toEqual([-0.05, -0.05, expect.closeTo(-0.03, 6)]);
  });

  test('flag what is not confident enough at this noise, though it was at less', () => {
    const unsure = predictionOf([0.1, 0.85, 0.05]);
    expect(judged('OS', gate(preparedWith(0.005), unsure)).verdict).toBe('ACCEPT');
    expect(judged('OS', gate(preparedWith(0.02), unsure))).toMatchObject({
      verdict: 'FLAG',
      reason: 'low-confidence',
    });
  });

  test('ask more where neighbouring points err alike, if calibration found that more must be asked', () => {
    const { preparation, ...rest } = preparedWith(0.005);
    const correlated = { ...rest, preparation: { ...preparation, hasCorrelatedNoise: true } };
    const asked = (correlatedThreshold?: number | null) => {
      const { OS, ...others } = TABLE.elements.Co!.descriptors;
      const descriptors = {
        ...others,
        OS: { ...OS!, ...(correlatedThreshold !== undefined && { correlatedThreshold }) },
      };
      const elements = { ...TABLE.elements, Co: { ...TABLE.elements.Co!, descriptors } };
      return makeGate({ ...GATE, table: { ...TABLE, elements } });
    };
    const osOf = (correlatedThreshold?: number | null, prepared: GateInput = correlated) =>
      judged('OS', asked(correlatedThreshold)(prepared, sure));
    expect(osOf()).toMatchObject({ verdict: 'ACCEPT', trustThreshold: 0.8 }); // an earlier table does not ask
    expect(osOf(0.9)).toMatchObject({ verdict: 'ACCEPT', trustThreshold: 0.9 });
    expect(osOf(0.7)).toMatchObject({ verdict: 'ACCEPT', trustThreshold: 0.8 }); // what noise asks stays
    expect(osOf(0.97)).toMatchObject({ verdict: 'FLAG', reason: 'low-confidence', trustThreshold: 0.97 });
    expect(osOf(null)).toMatchObject({ verdict: 'FLAG', reason: 'low-confidence', trustThreshold: null });
    expect(osOf(null, preparedWith(0.005)).verdict).toBe('ACCEPT'); // a scan without such noise
  });

  test('say what they were held against, and by how much they fall short', () => {
    const unsure = predictionOf([0.1, 0.85, 0.05]);
    const [accepted, flagged] = [0.005, 0.02].map((sigma) => judged('OS', gate(preparedWith(sigma), unsure)));
    expect(accepted!.trust).toBeGreaterThanOrEqual(accepted!.trustThreshold!);
    expect(flagged!.trust).toBeLessThan(flagged!.trustThreshold!);
    expect(flagged!.trust).toBe(flagged!.confidence); // no networks of means speak beside it
    const real = judged('NNRS', gate(preparedWith(0.005), predictionOf([0, 1, 0], [0, 1], [0, 1], 0.04)));
    expect(real.trust).toBeLessThan(real.trustThreshold!);
    // Nothing is accepted at such noise, or of such an element.
    expect(judged('OS', gate(preparedWith(0.2), sure)).trustThreshold).toBeNull();
    expect(judged('OS', gate(preparedWith(0.005, 'Fe'), sure)).trustThreshold).toBeNull();
    const { trust, trustThreshold } = judged('OS', gate(preparedWith(0.005, 'U'), sure)); // nothing is calibrated
    expect([trust, trustThreshold]).toEqual([null, null]);
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
    const judge = makeGate({ ...GATE, table });
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

describe('a class that is not certain', () => {
  const unsure = predictionOf([0.15, 0.85, 0]);
  // Of 0.9, the threshold at this noise, 0.85 is a share of 0.944.
  const adviceFrom = (averagingFrom?: (number | null)[]) => {
    const { OS, ...others } = TABLE.calibrations.metals!;
    if (OS?.kind !== 'class') throw new Error('Expected a class');
    const metals = { ...others, OS: { ...OS, ...(averagingFrom && { averagingFrom }) } };
    const table = { ...TABLE, calibrations: { ...TABLE.calibrations, metals } };
    return makeGate({ ...GATE, table })(preparedWith(0.04), unsure).advice;
  };

  test.each([
    { what: 'is worth repeats from a share of its threshold on', from: [1, 0.94, 1], advice: 'ACCUMULATE' },
    { what: 'is not below it', from: [0, 0.95, 0], advice: 'INSPECT' },
    { what: 'is not where none is', from: [0, null, 0], advice: 'INSPECT' },
    { what: 'is by a table that does not say', from: undefined, advice: 'ACCUMULATE' },
  ])('$what', ({ from, advice }) => {
    expect(adviceFrom(from)).toBe(advice);
  });

  test('is not worth repeats where no trust would be enough', () => {
    const { OS, ...others } = TABLE.elements.Co!.descriptors;
    const descriptors = { ...others, OS: { ...OS!, correlatedThreshold: null } };
    const elements = { ...TABLE.elements, Co: { ...TABLE.elements.Co!, descriptors } };
    const { preparation, ...rest } = preparedWith(0.04);
    const correlated = { ...rest, preparation: { ...preparation, hasCorrelatedNoise: true } };
    const judgement = makeGate({ ...GATE, table: { ...TABLE, elements } })(correlated, unsure);
    expect(judgement).toMatchObject({
      advice: 'INSPECT',
      adviceReason: expect.stringContaining('neighbouring points err alike'),
    });
  });
});
