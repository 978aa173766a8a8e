import { FatalError } from '../../src/common/errors.ts';

/**
 * How many of each element a formula has: `Ba(CuO2)2` is Ba 1, Cu 2, O 4.
 * @throws FatalError for what is no formula
 */
export function parseFormula(formula: string): ReadonlyMap<string, number> {
  const open: Map<string, number>[] = [new Map()];
  const add = (to: Map<string, number>, element: string, count: number) =>
    to.set(element, (to.get(element) ?? 0) + count);
  const words = /([A-Z][a-z]?)(\d+(?:\.\d+)?)?|(\()|\)(\d+(?:\.\d+)?)?/gy;
  for (let end = 0; end < formula.length; end = words.lastIndex) {
    const word = words.exec(formula);
    if (word === null || (word[0].startsWith(')') && open.length === 1)) throw noFormula(formula);
    const [, element, count = '1', begins, times = '1'] = word;
    if (element !== undefined) add(open.at(-1)!, element, Number(count));
    else if (begins !== undefined) open.push(new Map());
    else for (const [inside, each] of open.pop()!) add(open.at(-1)!, inside, each * Number(times));
  }
  if (open.length > 1 || open[0]!.size === 0) throw noFormula(formula);
  return open[0]!;
}

const noFormula = (formula: string) =>
  new FatalError(`Expected a formula such as Ba(CuO2)2, got ${formula || 'nothing'}`);
