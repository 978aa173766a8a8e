import { describe, expect, test } from '@jest/globals';
import { termCount } from '../../src/gating/logistic-model.ts';
import { probabilityWithin } from '../../src/gating/probability-within.ts';
import { EVIDENCE, evidenceFor, evidenceOf, type TrustModel, trustIn } from '../../src/gating/trust.ts';
import type { SiteMean } from '../../src/messages/prediction.ts';
import { predictionOf } from './example-gate.ts';
import { siteMeansOf } from './example-means.ts';

const MEAN: SiteMean = {
  classes: [2, 3, 4],
  shares: Float32Array.of(0.2, 0.7, 0.1),
  within: Float32Array.of(0.1, 0.6, 0.05, 0.25),
  mean: 2.9,
  sigma: 0.2,
  mixed: 0.3,
};
const STRUCTURE = { curvature: 0.5, amplitude: -0.3, roughness: 0.1, early: 0.7 };
const logit = (p: number) => Math.log(p / (1 - p));
const of = (
  fields: Partial<SiteMean> = {},
  value = 3,
  probability = 0.8,
  strange = 0.5,
  sigmaEv = 0.4,
  outlier = 0.2,
) =>
  evidenceFor(
    value,
    probability,
    { ...MEAN, ...fields },
    { outlier, outOfDistribution: strange, energySigmaEv: sigmaEv, noiseSigma: 0.02, structure: STRUCTURE },
  );

describe('evidence', () => {
  test('is what speaks for the class and against it', () => {
    const evidence = of();
    expect(evidence).toHaveLength(EVIDENCE);
    const expected = [
      ...[logit(0.8), logit(0.6), logit(0.7), logit(0.25), logit(0.3), logit(0.2)],
      ...[0.1, Math.log(0.2), 0.5, Math.log(0.4)],
      ...[0.5, -0.3, 0.1, Math.log(0.023), 0.7], // of the structure, and noise
    ];
    evidence.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
  });

  test('of a value that has no mean is what speaks for CN, and its own probability', () => {
    const { outputs } = predictionOf([0.1, 0.8, 0.1], [0.1, 0.9], [0.02, 0.98], 0.03);
    const siteMeans = siteMeansOf({}, { ...MEAN, classes: [4, 6] });
    const surroundings = {
      ...{ outlier: 0.2, outOfDistribution: 0.5, energySigmaEv: 0.4, noiseSigma: 0.02 },
      structure: STRUCTURE,
    };
    const ofDescriptor = (name: 'NNRS' | 'CN' | 'OS') =>
      evidenceOf(name, { outputs, siteMeans }, surroundings, 0.05);
    const within = probabilityWithin(0.05, 0.03);
    expect(ofDescriptor('NNRS')).toEqual(evidenceFor(6, within, siteMeans.CN, surroundings));
    expect(ofDescriptor('CN')).toEqual(evidenceFor(6, Math.fround(0.9), siteMeans.CN, surroundings));
    expect(ofDescriptor('OS')).toEqual(evidenceFor(3, Math.fround(0.8), siteMeans.OS, surroundings));
  });

  test('an oddness that measured oxides have tells nothing', () => {
    const odd = (outlier: number): number => of({}, 3, 0.8, 0.5, 0.4, outlier)[5]!;
    expect(odd(0.04)).toBe(odd(0.001));
    expect(odd(0.1)).toBeGreaterThan(odd(0.04));
  });

  test('of another class is that class’s own', () => {
    const [, within, shares, none, mixed, outlier, distance] = of({}, 2, 0.2);
    expect(within).toBeCloseTo(logit(0.1), 5);
    expect(shares).toBeCloseTo(logit(0.2), 5);
    expect(none).toBe(of()[3]);
    expect([mixed, outlier]).toEqual(of().slice(4, 6));
    expect(distance).toBeCloseTo(0.9, 9);
  });

  test('a class that the mean was not read in has the least', () => {
    const [, within, shares] = of({}, 5);
    expect([within, shares]).toEqual([logit(1e-4), logit(1e-4)]);
    expect(of({}, 5)).toHaveLength(EVIDENCE);
  });

  test('is finite whatever is certain, and bounded', () => {
    const certain = of(
      { shares: Float32Array.of(0, 1, 0), within: Float32Array.of(0, 1, 0, 0), mixed: 0 },
      3,
      1,
    );
    expect(certain.every(Number.isFinite)).toBe(true);
    expect(certain[0]).toBeCloseTo(logit(1 - 1e-4), 9);
    expect(certain[4]).toBeCloseTo(logit(1e-4), 9);
    const far = of({ mean: 9 }, 3, 0.8, 40, 0);
    expect([far[6], far[8], far[9]]).toEqual([2, 3, Math.log(0.1)]);
  });

  test.each<[string, number, (x: number) => readonly number[]]>([
    ['the probability by single sites', 0, (x) => of({}, 3, x)],
    ['the probability within', 1, (x) => of({ within: Float32Array.of(0, x, 0, 1 - x) })],
    ['the share', 2, (x) => of({ shares: Float32Array.of(0, x, 1 - x) })],
    ['the probability of none', 3, (x) => of({ within: Float32Array.of(0, 1 - x, 0, x) })],
    ['that sites differ', 4, (x) => of({ mixed: x })],
    ['that it is an outlier', 5, (x) => of({}, 3, 0.8, 0.5, 0.4, x)],
    ['the distance', 6, (x) => of({ mean: 3 + x })],
    ['sigma', 7, (x) => of({ sigma: x })],
    ['strangeness', 8, (x) => of({}, 3, 0.8, x)],
    ['the uncertainty of energies', 9, (x) => of({}, 3, 0.8, 0.5, x)],
  ])('%s has its place, and grows there', (_, place, evidence) => {
    const values = [0.15, 0.4, 0.7, 0.95].map((x) => evidence(x)[place]!);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(new Set(values).size).toBe(4);
  });
});

describe('trust', () => {
  const zeros = (length: number): number[] => Array.from({ length }, () => 0);
  /** Of evidence as it is. */
  const model = (weights: Readonly<Record<number, number>>, bias = 0): TrustModel => ({
    mean: zeros(EVIDENCE),
    deviation: Array.from({ length: EVIDENCE }, () => 1),
    weights: zeros(termCount(EVIDENCE)).map((_, i) => weights[i] ?? 0),
    bias,
  });

  test('is the logistic function of the weighed terms', () => {
    expect(trustIn(of(), model({}))).toBe(0.5);
    expect(trustIn(of(), model({}, -2))).toBeCloseTo(1 / (1 + Math.exp(2)), 12);
    expect(trustIn(of(), model({ 0: 1 }))).toBeCloseTo(0.8, 9); // the logit undone
  });

  test('grows with what has a positive weight and falls with what has a negative one', () => {
    const by = (evidence: readonly number[]) =>
      trustIn(evidence, model({ 0: 1, 4: -1, 5: -1, 6: -1, 8: -1, 9: -1 }, 1));
    expect(by(of({}, 3, 0.9))).toBeGreaterThan(by(of()));
    expect(by(of({ mixed: 0.9 }))).toBeLessThan(by(of()));
    expect(by(of({}, 3, 0.8, 0.5, 0.4, 0.5))).toBeLessThan(by(of()));
    expect(by(of({ mean: 2.5 }))).toBeLessThan(by(of()));
    expect(by(of({}, 3, 0.8, 0.9))).toBeLessThan(by(of()));
    expect(by(of({}, 3, 0.8, 0.5, 2))).toBeLessThan(by(of()));
  });

  test('a table that was made before the last pieces were known weighs the first ones alone', () => {
    const two = { mean: [0, 0], deviation: [1, 1], weights: [1, 0, 0, 0, 0], bias: 0 };
    expect(trustIn(of(), two)).toBeCloseTo(0.8, 9);
  });
});
