import { expect, test } from '@jest/globals';
import { advise } from '../../src/gating/advise.ts';
import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { JudgedDescriptor, Verdict, VerdictReason } from '../../src/messages/judgement.ts';

const CLEAN = 0.001;
const NOISY = 0.09;

function judged(
  name: DescriptorName,
  reason: VerdictReason = 'ok',
  { value = 4, noiseThreshold = 0.05 } = {},
): JudgedDescriptor {
  const verdict: Verdict =
    reason === 'ok' ? 'ACCEPT' : reason === 'noise-above-threshold' ? 'REJECT' : 'FLAG';
  return {
    ...{ name, kind: 'class', unit: '', value, expected: value, classes: [value], probabilities: [1] },
    ...{ confidence: 1, low: value, high: value, level: 0.9, noiseThreshold, verdict, reason },
    ...{ trust: 1, trustThreshold: 0.8 },
  };
}

test('to accept what all key descriptors accept, whatever the others say', () => {
  const descriptors = [judged('OS'), judged('CN'), judged('OCN'), judged('PSGO', 'low-confidence')];
  expect(advise(descriptors, NOISY)).toEqual({
    advice: 'ACCEPT',
    adviceReason: 'The classes of OS, CN, OCN can be acted on.',
  });
  expect(advise([judged('OS'), judged('CN')], NOISY).advice).toBe('ACCEPT'); // of oxygen there is no OCN
});

test('to accumulate when averaging takes the noise below the threshold, and says how often', () => {
  const { advice, adviceReason } = advise([judged('OS', 'noise-above-threshold'), judged('CN')], NOISY);
  expect(advice).toBe('ACCUMULATE');
  expect(adviceReason).toBe(
    'Noise of 0.090 is above what OS tolerates (0.050): average about 4 scans.', // (0.09 / 0.05)^2 = 3.24
  );
});

test('the repeats are those of the descriptor that tolerates least', () => {
  const noisy = [
    judged('OS', 'noise-above-threshold', { noiseThreshold: 0.05 }),
    judged('CN', 'noise-above-threshold', { noiseThreshold: 0.03 }),
  ];
  expect(advise(noisy, NOISY).adviceReason).toContain('about 9 scans');
});

test('with how many more scans like this one are needed, where repeats help', () => {
  const noisy = [judged('OS', 'noise-above-threshold', { noiseThreshold: 0.03 })];
  expect(advise(noisy, 0.09).repeatsNeeded).toBeCloseTo(8, 6); // nine in all
  expect(advise([judged('OS', 'low-confidence')], 0.03).repeatsNeeded).toBeCloseTo(3, 6);
  expect(advise([judged('OS')], 0.03).repeatsNeeded).toBeUndefined();
});

test('to rescan when no reasonable number of repeats would do', () => {
  expect(advise([judged('OS', 'noise-above-threshold')], 0.5).advice).toBe('ACCUMULATE'); // 100
  expect(advise([judged('OS', 'noise-above-threshold')], 0.51).advice).toBe('RESCAN');
});

test('to accumulate for want of confidence in a noisy scan, to inspect in a clean one', () => {
  const unsure = [judged('OS', 'low-confidence'), judged('CN')];
  expect(advise(unsure, NOISY)).toMatchObject({
    advice: 'ACCUMULATE',
    adviceReason: expect.stringMatching(/^OS is not certain/),
  });
  expect(advise(unsure, CLEAN)).toMatchObject({
    advice: 'INSPECT',
    adviceReason: expect.stringMatching(/noise is hardly the cause/),
  });
});

test('names noise that the scatter of the points does not show, where it says why a class is not certain', () => {
  const unsure = [judged('OS', 'low-confidence'), judged('CN')];
  expect(advise(unsure, CLEAN, () => true, true)).toEqual({
    advice: 'INSPECT',
    adviceReason:
      'OS is not certain where neighbouring points err alike, more than their scatter shows: ' +
      'the mean of repeats helps only where they err otherwise each time.',
  });
});

test('to inspect what is unlike the training spectra, before all else', () => {
  const far = [judged('OS', 'out-of-distribution'), judged('CN', 'noise-above-threshold')];
  expect(advise(far, NOISY)).toMatchObject({
    advice: 'INSPECT',
    adviceReason: expect.stringMatching(/unlike/),
  });
});

test('to inspect answers that contradict each other, accepted as they may be', () => {
  expect(
    advise([judged('OS'), judged('CN', 'ok', { value: 4 }), judged('OCN', 'ok', { value: 6 })], CLEAN),
  ).toEqual({
    advice: 'INSPECT',
    adviceReason: 'The answers contradict each other: 6 oxygens among 4 neighbours.',
  });
});

test('to inspect what no held-out spectra vouch for', () => {
  expect(advise([judged('OS', 'uncalibrated-element'), judged('CN')], CLEAN)).toEqual({
    advice: 'INSPECT',
    adviceReason: 'Held-out spectra of this element do not show the accuracy target for OS.',
  });
});

test('to inspect, with the cause of each descriptor that is not accepted', () => {
  const causes: readonly VerdictReason[] = [
    'low-confidence',
    'mixed-sites',
    'no-standard',
    'outside-classes',
    'wide-interval',
    'uncalibrated-element',
  ];
  for (const reason of causes) {
    const { advice, adviceReason } = advise([judged('OS', reason), judged('CN')], CLEAN);
    expect({ reason, advice, adviceReason }).toEqual({
      reason,
      advice: 'INSPECT',
      adviceReason: expect.stringMatching(/\bOS\b.*\.$/),
    });
  }
  expect(
    advise([judged('OS', 'no-standard'), judged('CN', 'mixed-sites'), judged('OCN')], CLEAN).adviceReason,
  ).toBe(
    'Sites differ in CN: go by the mean. ' +
      'Theory does not settle OS of this measured scan: go by the mean, best read by standards of the beamline.',
  );
});
