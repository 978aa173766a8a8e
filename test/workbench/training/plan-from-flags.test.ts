import { parseArgs } from 'node:util';
import { expect, test } from '@jest/globals';
import { planFromFlags, TRAIN_FLAGS } from '../../../workbench/training/plan-from-flags.ts';

const planOf = (...args: string[]) => planFromFlags(parseArgs({ args, options: TRAIN_FLAGS }).values, args);

test('lists of an option are read alike, and those of the provenance are what was given', () => {
  const options = ['--leave-out', 'none', '--all-of', 'li-x-coo2, other', '--distil-from', 'spt'];
  const { provenance, recipe } = planOf('--data', 'data/li-x-coo2', ...options);
  expect(provenance).toMatchObject({ allOf: ['li-x-coo2', 'other'] });
  expect(recipe.distillFrom).toEqual(['models/spt']);
  expect(planOf('--data', 'data/battery-feff10').provenance).toMatchObject({ allOf: [] });
});

test.each(['leave-out', 'all-of', 'distil-from'])(
  '--%s is refused with an empty value, or one twice',
  (name) => {
    expect(() => planOf(`--${name}`, 'a,,b')).toThrow(`--${name} to be values separated by commas`);
    expect(() => planOf(`--${name}`, 'a,b,a')).toThrow(`--${name} to have each value once, got a twice`);
  },
);
