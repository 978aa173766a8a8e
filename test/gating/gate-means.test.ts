import { describe, expect, test } from '@jest/globals';
import { makeGate } from '../../src/gating/gate.ts';
import type { GateTable } from '../../src/gating/gate-table.ts';
import { termCount } from '../../src/gating/logistic-model.ts';
import { EVIDENCE } from '../../src/gating/trust.ts';
import { SITES_DIFFER } from '../../src/messages/judgement.ts';
import type { SiteMean } from '../../src/messages/prediction.ts';
import type { Prepared } from '../../src/messages/prepared.ts';
import { GRID } from '../spectra/synthetic-edge.ts';
import { GATE, predictionOf, preparedWith, TABLE } from './example-gate.ts';
import { edgeAt, preparedOf, siteMeansOf } from './example-means.ts';

const mean = { sigmaEdges: [], spread: [2], spreadAt: {}, usefulHalf: 0.5 };
const WITH_MEANS: GateTable = {
  ...TABLE,
  offsetsEv: [...GRID.offsetsEv],
  means: { metals: { OS: mean, CN: mean, OCN: mean } },
  measured: {
    domain: { Co: 0.2, Fe: 0.5, other: 0.6 },
    change: { evPerUnit: 2, floor: 0.1, share: 0.2 },
    anchored: { floor: 0.03, ofSpan: 0.1, ofBeyond: 0.5, factor: { other: 2 } },
  },
};
const sure = predictionOf([0.03, 0.95, 0.02]);

function judge(prepared: Prepared, os: Partial<SiteMean>, { table = WITH_MEANS, prediction = sure } = {}) {
  const judgement = makeGate({ ...GATE, table })(prepared, {
    ...prediction,
    siteMeans: siteMeansOf(os, { classes: [4, 6], mean: 6 }),
  });
  const [OS, CN] = judgement.descriptors;
  return { ...judgement, OS: OS!, CN: CN! };
}
const measured = preparedOf(edgeAt(0));
const computed = preparedOf(edgeAt(0), 'feff9');

describe('an oxidation state of a measured scan', () => {
  test('is accepted where the mean of the sample is near and theory good', () => {
    expect(judge(measured, { mean: 3.2 }).OS).toMatchObject({ value: 3, verdict: 'ACCEPT', reason: 'ok' });
  });

  test('is flagged where the mean lies off, which the other descriptors do not', () => {
    for (const value of [2.7, 3.3]) {
      const { OS, CN } = judge(measured, { mean: value });
      expect(OS).toMatchObject({ verdict: 'FLAG', reason: 'no-standard' });
      expect(CN.verdict).toBe('ACCEPT');
    }
    expect(judge(computed, { mean: 3.3 }).OS.verdict).toBe('ACCEPT');
  });

  test('is flagged where theory is off by more than half a state', () => {
    const loose = (domain: Record<string, number>): GateTable => ({
      ...WITH_MEANS,
      measured: { ...WITH_MEANS.measured!, domain },
    });
    for (const domain of [{ Co: 0.5, other: 0.1 }, { other: 0.6 }]) {
      const table = loose(domain);
      expect(judge(measured, { mean: 3 }, { table }).OS.reason).toBe('no-standard');
      expect(judge(computed, { mean: 3 }, { table }).OS.reason).toBe('ok');
    }
  });

  test('is judged as before where nobody looked at measured scans', () => {
    const { measured: _, ...table } = WITH_MEANS;
    expect(judge(measured, { mean: 2 }, { table }).OS.reason).toBe('ok');
  });
});

describe('where all that speaks for a class is weighed', () => {
  /** Trust is the probability that the mean lies within a quarter of the class, and nothing else. */
  const trust = {
    mean: Array.from({ length: EVIDENCE }, () => 0),
    deviation: Array.from({ length: EVIDENCE }, () => 1),
    weights: Array.from({ length: termCount(EVIDENCE) }, (_, i) => (i === 1 ? 1 : 0)),
    bias: 0,
  };
  const { OS, ...others } = TABLE.calibrations.metals!;
  const table: GateTable = {
    ...WITH_MEANS,
    calibrations: {
      ...TABLE.calibrations,
      metals: { ...others, OS: { ...OS!, trust } as never },
    },
  };
  const within = (p: number, mixed: number) => ({
    ...{ mean: 3, mixed, within: Float32Array.of((1 - p) / 2, p, (1 - p) / 2, 0) },
  });

  test('that decides, and not the probability of the class', () => {
    expect(judge(measured, within(0.81, 0), { table }).OS.verdict).toBe('ACCEPT'); // from 0.8 on
    const doubted = judge(measured, within(0.79, 0), { table }).OS;
    expect(doubted).toMatchObject({ verdict: 'FLAG', reason: 'low-confidence' });
    expect(doubted.confidence).toBeCloseTo(0.95, 6); // which is published as ever
    expect(judge(measured, within(0.79, 0)).OS.verdict).toBe('ACCEPT'); // a table that does not weigh
    const unsure = predictionOf([0.3, 0.6, 0.1]);
    expect(judge(measured, within(0.81, 0), { table, prediction: unsure }).OS.verdict).toBe('ACCEPT');
  });

  test('a class that fails since sites differ is said to do so', () => {
    const reasonAt = (mixed: number) => judge(measured, within(0.79, mixed), { table }).OS.reason;
    expect([SITES_DIFFER, SITES_DIFFER + 0.01].map(reasonAt)).toEqual(['low-confidence', 'mixed-sites']);
    expect(judge(measured, within(0.81, 0.6), { table }).OS.reason).toBe('ok');
  });
});

test('means are judged by the calibration of the element’s group', () => {
  const cobalt = judge(computed, { mean: 2.6, sigma: 0.1, mixed: 0.7 });
  expect(cobalt.means.map(({ name, verdict }) => [name, verdict])).toEqual([
    ['OS', 'ACCEPT'],
    ['CN', 'ACCEPT'],
    ['OCN', 'ACCEPT'],
  ]);
  expect(cobalt.means[0]).toMatchObject({ low: expect.closeTo(2.4, 6), high: expect.closeTo(2.8, 6) });
  expect(cobalt.mixedSites).toBe(0.7);
  const iron = judge(preparedWith(0.005, 'Fe'), { mean: 2.6 });
  expect(iron.means.map(({ reason }) => reason)).toEqual(Array(3).fill('uncalibrated-element'));
});

test('of a scan far from the training every mean is rejected, of a noisy one too', () => {
  const far = { ...sure, embedding: new Float32Array(4).fill(3.1) };
  const judged = [judge(computed, {}, { prediction: far }), judge(preparedWith(0.2), {})];
  expect(judged.map(({ means }) => means.map(({ reason }) => reason))).toEqual([
    Array(3).fill('out-of-distribution'),
    Array(3).fill('noise-above-threshold'),
  ]);
});

test('without means the gate is as it was', () => {
  const judgement = makeGate({ ...GATE, table: WITH_MEANS })(computed, sure);
  expect(judgement).toMatchObject({ means: [], mixedSites: null, change: null, reference: null });
  expect(judgement.descriptors.map(({ verdict }) => verdict)).toEqual(Array(4).fill('ACCEPT'));
});
