import { expect, test } from '@jest/globals';
import { fitTemperature } from '../../../workbench/calibration/fit-temperature.ts';

/** 1000 answers that say `claimed` and are right in `share` of the cases. */
const rows = (claimed: number, share: number) =>
  Array.from({ length: 1000 }, (_, i) => ({
    probabilities: [claimed, 1 - claimed],
    truth: i < 1000 * share ? 0 : 1,
  }));

test.each([
  [0.95, 0.8],
  [0.7, 0.9],
  [0.8, 0.8],
])(
  'turns answers that claim %d and are right at %d into ones that claim what they keep',
  (claimed, share) => {
    const logit = (p: number): number => Math.log(p / (1 - p));
    expect(fitTemperature(rows(claimed, share))).toBeCloseTo(logit(claimed) / logit(share), 2);
  },
);

test('a class that the network lacks counts as wrong, and which wrong class was true does not matter', () => {
  const three = (truth: number) => ({ probabilities: [0.8, 0.15, 0.05], truth });
  const with1 = fitTemperature([...Array(70).fill(three(0)), ...Array(30).fill(three(1))]);
  const withNone = fitTemperature([...Array(70).fill(three(0)), ...Array(30).fill(three(-1))]);
  expect(with1).toBeGreaterThan(1);
  expect(withNone).toBe(with1);
});
