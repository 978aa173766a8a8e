import { expect, test } from '@jest/globals';
import { crossFitNames } from '../../../workbench/training/cross-fits-flag.ts';

test("names of cross-fits, or the model's own", () => {
  expect(crossFitNames({})).toBeUndefined();
  expect(crossFitNames({ 'cross-fits': 'spt-8, other' })).toEqual(['spt-8', 'other']);
  expect(() => crossFitNames({ 'cross-fits': 'spt-8,spt-8' })).toThrow(
    '--cross-fits to have each value once',
  );
  expect(() => crossFitNames({ 'cross-fits': '' })).toThrow('--cross-fits to be values separated by commas');
});
