import { describe, expect, test } from '@jest/globals';
import type { Trial } from '../../src/gating/choose-threshold.ts';
import { fitPromise } from '../../src/gating/fit-promise.ts';

const RULES = { accuracy: 0.95, carriedAccuracy: 0.95, confidence: 0.9, minEvidence: 10, refutedBelow: 0.1 };
const sites = (count: number, wrong: number, confidence = 0.9): Trial[] =>
  Array.from({ length: count }, (_, i) => ({ confidence, right: i >= wrong, site: `${count} ${i}` }));
const POOL = [sites(300, 3), sites(300, 5, 0.8), sites(300, 100), sites(300, 0, 0.7)];

describe('fitPromise', () => {
  test('holds thresholds until one fails, and none for more noise', () => {
    expect(fitPromise(POOL, POOL, RULES)).toEqual({
      thresholds: [0.9, 0.8, null, null],
      evidence: { sites: 300, accepted: 300, right: 297 },
      promised: true,
    });
  });

  test('extends to an element whose own sites do not refute it', () => {
    const own = [sites(14, 1), sites(14, 1), [], []];
    expect(fitPromise(POOL, own, RULES)).toEqual({
      thresholds: [0.9, 0.8, null, null],
      evidence: { sites: 14, accepted: 14, right: 13 },
      promised: true,
    });
  });

  test('does not extend to an element with too few sites, or whose sites refute it', () => {
    expect(fitPromise(POOL, [sites(9, 0), [], [], []], RULES).promised).toBe(false);
    const unsure = sites(14, 0).map((trial, i) => (i < 6 ? { ...trial, confidence: 0.5 } : trial));
    expect(fitPromise(POOL, [unsure, [], [], []], RULES).promised).toBe(false);
    expect(fitPromise(POOL, [sites(14, 4), [], [], []], RULES)).toEqual({
      thresholds: [null, null, null, null],
      evidence: { sites: 14, accepted: 14, right: 10 },
      promised: false,
    });
  });

  test('asks more of the pool than of an element by itself', () => {
    const own = [sites(14, 0), [], [], []];
    expect(fitPromise(POOL, own, { ...RULES, carriedAccuracy: 0.995 }).thresholds[0]).toBeNull();
    expect(fitPromise(POOL, POOL, { ...RULES, carriedAccuracy: 0.995 }).thresholds[0]).toBe(0.9);
  });

  test('ends at the noise from which on the element refutes it', () => {
    const noisier = [sites(14, 0), sites(14, 5), [], []];
    expect(fitPromise(POOL, noisier, RULES)).toMatchObject({
      thresholds: [0.9, null, null, null],
      promised: true,
    });
  });
});
