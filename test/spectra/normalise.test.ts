import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { findE0 } from '../../src/spectra/find-e0.ts';
import { meanBetween, normaliseByMeans, normaliseByPolynomials } from '../../src/spectra/normalise.ts';
import { COBALT, type EdgeShape, syntheticEdge } from './synthetic-edge.ts';

const CASES: readonly (EdgeShape & { name: string; larchE0Ev: number; larchEdgeStep: number })[] =
  Object.values(JSON.parse(readFileSync(new URL('./larch-synthetic.json', import.meta.url), 'utf8')));

describe('normaliseByPolynomials', () => {
  test.each(CASES)("has larch's edge step at larch's E0: $name", (shape) => {
    const { energyEv, mu } = syntheticEdge(shape);
    const e0 = energyEv.findIndex((energy) => Math.abs(energy - shape.larchE0Ev) < 0.01);
    expect(normaliseByPolynomials(energyEv, mu, e0).edgeStep).toBeCloseTo(shape.larchEdgeStep, 4);
  });

  test('does not change with gain, offset and slope of the scan', () => {
    const { energyEv, mu } = syntheticEdge(COBALT);
    const e0 = findE0(energyEv, mu);
    const plain = normaliseByPolynomials(energyEv, mu, e0);
    const other = normaliseByPolynomials(
      energyEv,
      mu.map((value, i) => 3.7 * value - 2 + 1e-3 * (energyEv[i]! - 7000)),
      e0,
    );
    expect(other.edgeStep).toBeCloseTo(3.7 * plain.edgeStep, 9);
    for (let i = 0; i < mu.length; i += 1) expect(other.mu[i]).toBeCloseTo(plain.mu[i]!, 9);
  });

  test('keeps the sign of an inverted edge', () => {
    const { energyEv, mu } = syntheticEdge(COBALT);
    const inverted = mu.map((value) => -value);
    expect(normaliseByPolynomials(energyEv, inverted, findE0(energyEv, mu)).edgeStep).toBeLessThan(0);
  });

  test('reports its ranges: to half of the pre-edge, and to the end', () => {
    const { energyEv, mu } = syntheticEdge(COBALT);
    const { preEdgeRangeEv, postEdgeRangeEv, postEdgeDegree } = normaliseByPolynomials(
      energyEv,
      mu,
      findE0(energyEv, mu),
    );
    expect(preEdgeRangeEv).toEqual([-145, -72.5]);
    expect(postEdgeRangeEv![0]).toBe(25);
    expect(postEdgeRangeEv![1]).toBeCloseTo(260, 0);
    expect(postEdgeDegree).toBe(1);
  });
});

describe('normaliseByMeans', () => {
  const { energyEv, mu } = syntheticEdge({ ...COBALT, slope: 0, fromEv: -20, toEv: 50 });
  const after = energyEv.findIndex((energy) => energy > COBALT.e0Ev + 15);

  test('takes the mean of the pre-edge as baseline', () => {
    const result = normaliseByMeans(energyEv, mu, 60, 20, after, after + 40);
    expect(meanBetween(result.mu, 0, 20)).toBeCloseTo(0, 12);
    expect(meanBetween(result.mu, after, after + 40)).toBeCloseTo(1, 12);
    expect(result.preEdgeRangeEv).toEqual([energyEv[0]! - energyEv[60]!, energyEv[19]! - energyEv[60]!]);
  });

  test('leaves the baseline where it is without one', () => {
    const result = normaliseByMeans(energyEv, mu, 60, 0, after, after + 40);
    expect(result.preEdgeRangeEv).toBeNull();
    expect(result.mu[0]! * result.edgeStep).toBeCloseTo(mu[0]!, 12);
    expect(meanBetween(result.mu, after, after + 40)).toBeCloseTo(1, 12);
  });
});
