import { parseArgs } from 'node:util';
import { expect, test } from '@jest/globals';
import { FatalError } from '../../../src/common/errors.ts';
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

test('cells to relax: the names of their hosts', () => {
  expect(planOf('--relaxed', 'spinel, olivine').from).toEqual({ relaxed: ['spinel', 'olivine'] });
});

test('cells to quench: every number of every formula', () => {
  const { from } = planOf('--amorphous', 'Fe3O4, V2O5', '--cells', '11-12', '--quench-ps', '5');
  expect(from).toEqual({
    amorphous: { formulas: ['Fe3O4', 'V2O5'], numbers: [11, 12], atoms: 48, meltPs: 0.4, quenchPs: 5 },
  });
});

test.each([
  [[], 'Expected one of --structures DIR, --prototypes, --relaxed HOST and --amorphous FORMULA'],
  [
    ['--structures', 'in', '--prototypes'],
    'Expected one of --structures DIR, --prototypes, --relaxed HOST and --amorphous FORMULA',
  ],
  [['--prototypes', '--crystals', 'salts'], 'Expected --crystals to be of oxides, non-oxides, copper-oxides'],
  [['--prototypes', '--variants', '3-1'], 'Expected --variants like 0 or 1-3, got 3-1'],
  [['--amorphous', 'Fe3O4', '--cells', 'a'], 'Expected --cells like 0 or 1-3, got a'],
  [['--amorphous', 'Fe3O4', '--melt-ps', '0'], 'Expected --melt-ps to be a number >= 0.002, got 0'],
  [['--prototypes', '--absorber', 'Fe,,O'], 'Expected --absorber to be values separated by commas'],
  [['--relaxed', 'spinel,spinel'], 'Expected --relaxed to have each value once, got spinel twice'],
  [['--amorphous', 'Fe3O4,'], 'Expected --amorphous to be values separated by commas'],
  [['--prototypes', '--limit', 'few'], 'Expected --limit to be an integer >= 1, got few'],
])('%j is an error that the user can mend', (args, message) => {
  expect(() => planOf(...args)).toThrow(FatalError);
  expect(() => planOf(...args)).toThrow(message);
});
