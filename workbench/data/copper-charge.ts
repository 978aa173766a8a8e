import { parseFormula } from './parse-formula.ts';

/** Oxidation states of copper. */
const COPPER = [1, 2, 3];

/**
 * The one charge that an element has in an oxide beside copper. Ti to W stand at their highest, since copper would
 * oxidise them.
 */
const FIXED: readonly (readonly [charge: number, elements: string])[] = [
  [-2, 'O'],
  [-1, 'F Cl Br I'],
  [1, 'H Li Na K Rb Cs'],
  [2, 'Be Mg Ca Sr Ba Zn Cd'],
  [3, 'B Al Ga In Sc Y La Nd Pm Sm Gd Dy Ho Er Tm Lu'],
  [4, 'C Si Ge Ti Zr Hf Th'],
  [5, 'N P Nb Ta'],
  [6, 'S Mo W'],
];

/** Redox-active elements: their mean charge is anything from the lesser to the greater. */
const ACTIVE: readonly (readonly [least: number, most: number, elements: string])[] = [
  [1, 2, 'Hg'],
  [1, 3, 'Ag Au Tl'],
  [2, 3, 'Eu Yb'],
  [2, 4, 'Fe Co Ni Pd Pt Sn Pb'],
  [2, 5, 'V'],
  [2, 6, 'Cr'],
  [2, 7, 'Mn'],
  [3, 4, 'Ce Pr Tb Rh'],
  [3, 5, 'As Sb Bi Ru Ir'],
  [4, 6, 'Se Te U'],
  [4, 7, 'Re Tc'],
  [4, 8, 'Os'],
];

/** The charges that redox-active elements commonly have in oxides, as in the tables of textbooks. */
const USUAL: readonly (readonly [charges: readonly number[], elements: string])[] = [
  [[1], 'Ag'],
  [[2], 'Hg'],
  [[3], 'Au Bi Yb'],
  [[1, 3], 'Tl'],
  [[2, 3], 'Fe Co Ni Eu'],
  [[2, 4], 'Sn Pb Pd Pt'],
  [[3, 4], 'Ce Pr Tb Rh'],
  [[3, 5], 'As Sb'],
  [[3, 6], 'Cr'],
  [[4, 5], 'Ir Ru'],
  [[4, 6], 'Se Te U'],
  [[2, 3, 4], 'Mn'],
  [[3, 4, 5], 'V'],
  [[4, 6, 7], 'Re Tc'],
  [[5, 6], 'Os'],
];

/** Least and greatest charge by element. */
const CHARGES: ReadonlyMap<string, readonly [number, number]> = new Map([
  ...FIXED.flatMap(([charge, elements]) => ranges(charge, charge, elements)),
  ...ACTIVE.flatMap(([least, most, elements]) => ranges(least, most, elements)),
]);

const USUAL_CHARGES: ReadonlyMap<string, readonly number[]> = new Map([
  ...FIXED.flatMap(([charge, elements]) => alike([charge], elements)),
  ...USUAL.flatMap(([charges, elements]) => alike(charges, elements)),
]);

function alike(charges: readonly number[], elements: string): [string, readonly number[]][] {
  return elements.split(' ').map((element) => [element, charges]);
}

function ranges(least: number, most: number, elements: string): [string, [number, number]][] {
  return elements.split(' ').map((element) => [element, [least, most]]);
}

/** What a formula says of its copper. */
export type CopperCharge =
  | { readonly charge: number }
  | { readonly charge: null; readonly why: (typeof UNESTABLISHED)[number] };

/** Why a formula does not tell the oxidation state of a copper site. */
export const UNESTABLISHED = ['several states balance', 'mixed valence', 'no state balances'] as const;

/** Of rounding, in charges that ought to be whole. */
const ROUNDING = 1e-6;

/**
 * The oxidation state that all copper of a formula must have. Oxygen is -2, other elements have the charges above.
 * - one of +1, +2 and +3 balances: that is it
 * - several: other redox-active elements can make up for the difference. It is the one that balances if every element
 *   has one of its usual charges, on all its atoms, where there is one such; +3 only where neither +1 nor +2 does so
 * - none, though the mean lies between +1 and +3: mixed valence, in which sites differ
 * - none at all: peroxides, other anions than oxygen and halides, or an element that is not in the table
 * @throws FatalError for what is no formula, RangeError for one without copper
 */
export function copperCharge(formula: string): CopperCharge {
  const counts = new Map(parseFormula(formula));
  const copper = counts.get('Cu') ?? 0;
  if (copper === 0) throw new RangeError(`Expected a formula with Cu, got ${formula}`);
  counts.delete('Cu');
  if (![...counts.keys()].every((element) => CHARGES.has(element)))
    return { charge: null, why: 'no state balances' };
  const sum = (end: 0 | 1) =>
    [...counts].reduce((total, [element, count]) => total + count * CHARGES.get(element)![end], 0);
  // What is left for one copper where the others have their greatest charges, and their least.
  const [least, most] = [-sum(1) / copper, -sum(0) / copper];
  const balanced = COPPER.filter((charge) => charge >= least - ROUNDING && charge <= most + ROUNDING);
  if (balanced.length === 1) return { charge: balanced[0]! };
  if (balanced.length > 1) {
    const usual = balanced.filter((charge) => balancesUsually(counts, -charge * copper));
    const likely = usual.some((charge) => charge < 3) ? usual.filter((charge) => charge < 3) : usual;
    return likely.length === 1 ? { charge: likely[0]! } : { charge: null, why: 'several states balance' };
  }
  return { charge: null, why: most > 1 && least < 3 ? 'mixed valence' : 'no state balances' };
}

/** Whether the elements' charges can sum to `total` with one usual charge for all atoms of each. */
function balancesUsually(counts: ReadonlyMap<string, number>, total: number): boolean {
  let sums = [0];
  for (const [element, count] of counts)
    sums = sums.flatMap((sum) => USUAL_CHARGES.get(element)!.map((charge) => sum + charge * count));
  return sums.some((sum) => Math.abs(sum - total) < ROUNDING);
}

/** How the OS label of a copper site stands to its formula. */
export type Standing = 'established' | Doubt;

/** Why an OS label of copper is neither learned nor scored. */
export type Doubt = 'another state balances' | (typeof UNESTABLISHED)[number];

/** How a label of the oxidation state stands to a formula with Cu. */
export function standingOf(formula: string, label: number): Standing {
  const found = copperCharge(formula);
  if (found.charge === null) return found.why;
  return found.charge === label ? 'established' : 'another state balances';
}
