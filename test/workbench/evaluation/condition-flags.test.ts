import { expect, test } from '@jest/globals';
import { conditionOf, joinNegative } from '../../../workbench/evaluation/condition-flags.ts';

const FLAGS = { noise: '0', gain: '1', tilt: '0', shift: '0', seed: '1', sweep: false };

test('a value that begins with a dash is joined to its option', () => {
  expect(joinNegative(['--shift', '-0.5', '--tilt', '-.1', '--json', '--data', 'a'])).toEqual([
    '--shift=-0.5',
    '--tilt=-.1',
    '--json',
    '--data',
    'a',
  ]);
  expect(joinNegative(['--json', '--shift', '--tilt'])).toEqual(['--json', '--shift', '--tilt']);
});

test('what is done to a spectrum, and how often', () => {
  expect(conditionOf(FLAGS)).toEqual({
    perturbation: { noise: 0, factor: 1, tilt: 0, shiftEv: 0 },
    seed: 1,
    draws: 1,
  });
  expect(conditionOf({ ...FLAGS, sweep: true }).draws).toBe(3);
  expect(conditionOf({ ...FLAGS, sweep: true, draws: '2', end: '40' })).toMatchObject({
    perturbation: { endEv: 40 },
    draws: 2,
  });
  expect(() => conditionOf({ ...FLAGS, noise: '-1' })).toThrow(
    'Expected --noise to be a number >= 0, got -1',
  );
  expect(() => conditionOf({ ...FLAGS, draws: '0' })).toThrow(
    'Expected --draws to be an integer >= 1, got 0',
  );
});
