import { describe, expect, test } from '@jest/globals';
import { EVIDENCE, evidenceFor, trustIn } from '../../src/gating/trust.ts';
import type { SiteMean } from '../../src/messages/prediction.ts';

const MEAN: SiteMean = {
  classes: [2, 3, 4],
  shares: Float32Array.of(0.2, 0.7, 0.1),
  within: Float32Array.of(0.1, 0.6, 0.05, 0.25),
  mean: 2.9,
  sigma: 0.2,
  mixed: 0.3,
};
const STRUCTURE = { curvature: 0.5, amplitude: -0.3 };
const logit = (p: number) => Math.log(p / (1 - p));
const of = (fields: Partial<SiteMean> = {}, value = 3, probability = 0.8, strange = 0.5, sigmaEv = 0.4) =>
  evidenceFor(value, probability, { ...MEAN, ...fields }, strange, sigmaEv, STRUCTURE);

describe('evidence', () => {
  test('is what speaks for the class and against it', () => {
    const evidence = of();
    expect(evidence).toHaveLength(EVIDENCE);
    const expected = [
      ...[logit(0.8), logit(0.6), logit(0.7), logit(0.25), logit(0.3)],
      ...[0.1, Math.log(0.2), 0.5, Math.log(0.4)],
      ...[0.5, 0.25, -0.3, 0.09], // of the structure, and squared
    ];
    evidence.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
  });

  test('of another class is that class’s own', () => {
    const [, within, shares, none, mixed, distance] = of({}, 2, 0.2);
    expect(within).toBeCloseTo(logit(0.1), 5);
    expect(shares).toBeCloseTo(logit(0.2), 5);
    expect(none).toBe(of()[3]);
    expect(mixed).toBe(of()[4]);
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
    expect([far[5], far[7], far[8]]).toEqual([2, 3, Math.log(0.1)]);
  });

  test.each<[string, number, (x: number) => readonly number[]]>([
    ['the probability by single sites', 0, (x) => of({}, 3, x)],
    ['the probability within', 1, (x) => of({ within: Float32Array.of(0, x, 0, 1 - x) })],
    ['the share', 2, (x) => of({ shares: Float32Array.of(0, x, 1 - x) })],
    ['the probability of none', 3, (x) => of({ within: Float32Array.of(0, 1 - x, 0, x) })],
    ['that sites differ', 4, (x) => of({ mixed: x })],
    ['the distance', 5, (x) => of({ mean: 3 + x })],
    ['sigma', 6, (x) => of({ sigma: x })],
    ['strangeness', 7, (x) => of({}, 3, 0.8, x)],
    ['the uncertainty of energies', 8, (x) => of({}, 3, 0.8, 0.5, x)],
  ])('%s has its place, and grows there', (_, place, evidence) => {
    const values = [0.15, 0.4, 0.7, 0.95].map((x) => evidence(x)[place]!);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(new Set(values).size).toBe(4);
  });
});

describe('trust', () => {
  const none = Array.from({ length: EVIDENCE }, () => 0);

  test('is the logistic function of the weighed evidence', () => {
    expect(trustIn(of(), { weights: none, bias: 0 })).toBe(0.5);
    expect(trustIn(of(), { weights: none, bias: -2 })).toBeCloseTo(1 / (1 + Math.exp(2)), 12);
    const first = none.map((_, i) => (i === 0 ? 1 : 0));
    expect(trustIn(of(), { weights: first, bias: 0 })).toBeCloseTo(0.8, 9); // the logit undone
  });

  test('grows with what has a positive weight and falls with what has a negative one', () => {
    const weights = [1, 0, 0, 0, -1, -1, 0, -1, -1];
    const by = (evidence: readonly number[]) => trustIn(evidence, { weights, bias: 1 });
    expect(by(of({}, 3, 0.9))).toBeGreaterThan(by(of()));
    expect(by(of({ mixed: 0.9 }))).toBeLessThan(by(of()));
    expect(by(of({ mean: 2.5 }))).toBeLessThan(by(of()));
    expect(by(of({}, 3, 0.8, 0.9))).toBeLessThan(by(of()));
    expect(by(of({}, 3, 0.8, 0.5, 2))).toBeLessThan(by(of()));
  });
});
