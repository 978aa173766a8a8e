import { parseArgs } from 'node:util';
import { expect, test } from '@jest/globals';
import { FatalError } from '../../../src/errors.ts';
import { GENERATION_FLAGS, generationPlan } from '../../../workbench/generate/generation-plan.ts';

const planOf = (...args: string[]) => generationPlan(parseArgs({ args, options: GENERATION_FLAGS }).values);

test('crystals of a folder, by what else is said or usual', () => {
  expect(planOf('--structures', 'in', '--absorber', 'Ni, Co', '--workers', '2')).toEqual({
    from: { structures: 'in' },
    elements: ['Ni', 'Co'],
    out: 'sites.jsonl',
    besides: [],
    limit: Number.POSITIVE_INFINITY,
    timeoutS: 1800,
    workers: 2,
    retry: false,
    feff: undefined,
    tools: expect.stringContaining('engine'),
  });
});

test('built-in crystals and their variants', () => {
  expect(planOf('--prototypes').from).toEqual({ crystals: 'oxides', variants: [0] });
  const { from } = planOf('--prototypes', '--crystals', 'non-oxides', '--variants', '1-3');
  expect(from).toEqual({ crystals: 'non-oxides', variants: [1, 2, 3] });
});

test.each([
  [[], 'Expected either --structures DIR or --prototypes'],
  [['--structures', 'in', '--prototypes'], 'Expected either --structures DIR or --prototypes'],
  [['--prototypes', '--crystals', 'salts'], 'Expected --crystals to be of oxides, non-oxides, copper-oxides'],
  [['--prototypes', '--variants', '3-1'], 'Expected --variants like 0 or 1-3, got 3-1'],
  [['--prototypes', '--limit', 'few'], 'Expected --limit to be an integer >= 1, got few'],
])('%j is an error that the user can mend', (args, message) => {
  expect(() => planOf(...args)).toThrow(FatalError);
  expect(() => planOf(...args)).toThrow(message);
});
