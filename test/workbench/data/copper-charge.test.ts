import { expect, test } from '@jest/globals';
import { FatalError } from '../../../src/common/errors.ts';
import { copperCharge, standingOf } from '../../../workbench/data/copper-charge.ts';
import { parseFormula } from '../../../workbench/data/parse-formula.ts';

test('a formula is counted through its parentheses', () => {
  expect(Object.fromEntries(parseFormula('Ba3Sr(Cu2O5)2'))).toEqual({ Ba: 3, Sr: 1, Cu: 4, O: 10 });
  expect(Object.fromEntries(parseFormula('Na3Cu2(Mo(O2)2)3'))).toEqual({ Na: 3, Cu: 2, Mo: 3, O: 12 });
  expect(Object.fromEntries(parseFormula('La1.85Sr0.15CuO4'))).toEqual({ La: 1.85, Sr: 0.15, Cu: 1, O: 4 });
});

test.each(['', 'cu2O', 'Cu(O2', 'CuO)2', 'CuO-'])('%j is no formula', (formula) => {
  expect(() => parseFormula(formula)).toThrow(FatalError);
});

test.each([
  ['Cu2O', 1],
  ['CuO', 2],
  ['NaCuO2', 3],
  ['LiCu5(PO4)2', 1],
  ['CaCu3Ti4O12', 2],
  ['Cu2WO4', 1], // W +6
  ['Ba2Cu3O5F', null], // +1.67 between them
  ['CuFeO2', null], // Cu +1 Fe +3, or Cu +2 Fe +2
  ['SmCuO3', 3],
  ['LiVCuO4', 2], // V +5, or V +4 and Cu +3, which is looked for last
  ['Cu4(SeO5)2', 2], // Se +6; Se +4 would leave Cu +3
  ['Fe2CuO4', 2], // Fe +3; with Cu +1 and +3 irons would differ
  ['LaFe4(CuO4)3', 3], // Fe +3; neither +1 nor +2 leaves all irons alike
  ['CuReO4', null], // Re +7 or +6
])('%s: %j', (formula, charge) => {
  expect(copperCharge(formula).charge).toBe(charge);
});

test.each([
  ['VCuO3', 'several states balance'],
  ['YBa2Cu3O7', 'mixed valence'], // +2.33
  ['Cu4O3', 'mixed valence'],
  ['SrCuO3', 'no state balances'], // a peroxide, or no crystal
  ['BaCuSeO', 'no state balances'], // Se -2
  ['AcCuO2F', 'no state balances'], // an element that is in no table
])('%s: %s', (formula, why) => {
  expect(copperCharge(formula)).toEqual({ charge: null, why });
});

test('a label is established where it is the one that balances', () => {
  expect(standingOf('CuO', 2)).toBe('established');
  expect(standingOf('CuO', 1)).toBe('another state balances');
  expect(standingOf('Cu4O3', 1)).toBe('mixed valence');
  expect(() => copperCharge('Fe2O3')).toThrow('Expected a formula with Cu, got Fe2O3');
});
