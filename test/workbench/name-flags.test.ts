import { expect, test } from '@jest/globals';
import { FatalError } from '../../src/common/errors.ts';
import { nameFlag, nameFlags } from '../../workbench/name-flags.ts';

test('one of the known names', () => {
  expect(nameFlag('architecture', 'mlp', ['spt', 'mlp'])).toBe('mlp');
  expect(() => nameFlag('architecture', 'MLP', ['spt', 'mlp'])).toThrow(
    'Expected --architecture to be of spt, mlp, got MLP',
  );
});

test('several names by commas, in the order in which they were given', () => {
  expect(nameFlags('folds', '2, 0', ['0', '1', '2'])).toEqual(['2', '0']);
  expect(() => nameFlags('folds', '2,2', ['0', '1', '2'])).toThrow('--folds to have each value once');
});

test('a name that is not known is an error that the user can mend', () => {
  expect(() => nameFlags('folds', '1,5', ['0', '1', '2'])).toThrow(FatalError);
  expect(() => nameFlags('folds', '1,5', ['0', '1', '2'])).toThrow(
    'Expected --folds to be of 0, 1, 2, got 5',
  );
});
