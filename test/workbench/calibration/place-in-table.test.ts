import { expect, test } from '@jest/globals';
import { placeInTable } from '../../../workbench/calibration/place-in-table.ts';
import { preparedWith, TABLE } from '../../gating/example-gate.ts';

const odds = { classifier: -4, means: undefined };

test('a case is placed by its element, its noise, and its distance over the limit of both', () => {
  const { Co } = TABLE.elements;
  const at = (sigma: number) => placeInTable(TABLE, { prepared: preparedWith(sigma), distance: 1.5, odds });
  expect(at(0.02)).toEqual({ element: Co, bin: 1, tooNoisy: false, strangeness: 0.75 });
  expect(at(0.07)).toEqual({ element: Co, bin: 2, tooNoisy: false, strangeness: 0.5 });
});

test('what the table would judge nothing of has no place: too much noise, an element that it does not know', () => {
  expect(placeInTable(TABLE, { prepared: preparedWith(0.1), distance: 1, odds })).toBeNull();
  expect(placeInTable(TABLE, { prepared: preparedWith(0.02, 'Zn'), distance: 1, odds })).toBeNull();
});
