import { expect, test } from '@jest/globals';
import { FatalError } from '../../src/common/errors.ts';
import { listFlag } from '../../workbench/list-flag.ts';

test('values by commas, in their order, without the blanks around them', () => {
  expect(listFlag('absorber', 'Mn')).toEqual(['Mn']);
  expect(listFlag('absorber', ' Mn, Fe ,O')).toEqual(['Mn', 'Fe', 'O']);
});

test.each([
  ['', 'Expected --absorber to be values separated by commas, got "": leave out the empty one'],
  ['Mn,,Fe', 'Expected --absorber to be values separated by commas, got "Mn,,Fe": leave out the empty one'],
  ['Mn, ', 'Expected --absorber to be values separated by commas, got "Mn, ": leave out the empty one'],
  ['Mn,Fe, Mn', 'Expected --absorber to have each value once, got Mn twice: leave out one'],
])('%j is an error that the user can mend', (text, message) => {
  expect(() => listFlag('absorber', text)).toThrow(FatalError);
  expect(() => listFlag('absorber', text)).toThrow(message);
});
