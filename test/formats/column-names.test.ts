import { describe, expect, test } from '@jest/globals';
import { columnNames } from '../../src/formats/column-names.ts';
import { readNumberTable } from '../../src/formats/number-table.ts';
import { columnsOf } from '../../src/formats/xdi.ts';

const namesOf = (legend: string, width: number) => {
  const names = columnNames(legend, width);
  return typeof names === 'string' ? names : names.map(({ name }) => name);
};

describe('names of columns', () => {
  test.each([
    ['Energy (eV),I0,I1,I2', 4, ['energy', 'i0', 'i1', 'i2']],
    ['Energy [eV]\tI0\tI1\tI2', 4, ['energy', 'i0', 'i1', 'i2']],
    ['Energy\tRing current\tI0\tI1', 4, ['energy', 'ring current', 'i0', 'i1']],
    ['Energy;Ring current;I0;I1;', 4, ['energy', 'ring current', 'i0', 'i1']],
    ['Energy   Ring current   I0   I1', 4, ['energy', 'ring current', 'i0', 'i1']],
    ['Energy (eV) I0 I1', 3, ['energy', 'i0', 'i1']],
    ['L Energy I0 I1', 3, ['energy', 'i0', 'i1']],
    ['energy xmu(trans)', 2, ['energy', 'xmu(trans)']],
    ['"Energy","mu"', 2, ['energy', 'mu']],
    ['energy mu', 4, ['energy', 'mu']],
  ])('%s', (legend, width, names) => {
    expect(namesOf(legend, width)).toEqual(names);
  });

  test('a unit in brackets is the unit', () => {
    expect(columnNames('Energy (keV),mu', 2)).toEqual([
      { name: 'energy', unit: 'kev' },
      { name: 'mu', unit: '' },
    ]);
  });

  test('more names than columns are refused, with what to say instead', () => {
    expect(namesOf('Energy ring current I0 I1', 4)).toMatch(
      /Expected 4 names for 4 columns, got 5 .*--energy 1/,
    );
  });

  test('a sentence above the numbers is no list of names', () => {
    expect(namesOf('measured at room temperature today', 2)).toEqual(['measured', 'at']);
  });
});

describe('cells without a number', () => {
  const columns = (head: string, rowOf: (i: number) => string) => {
    const rows = Array.from({ length: 12 }, (_, i) => rowOf(i)).join('\n');
    const table = readNumberTable(`${head}\n${rows}\n`);
    if (typeof table === 'string') throw new Error(table);
    const found = columnsOf(table);
    if (typeof found === 'string') throw new Error(found);
    return found.map(({ name, values }) => [name, values[6]]);
  };

  test.each([',', ';', '\t'])('stay in their column where %j separates', (sign) => {
    const head = ['energy', 'i0', 'i1'].join(sign);
    const rowOf = (i: number) => [7000 + i, i === 6 ? '' : 5, 3].join(sign);
    expect(columns(head, rowOf)).toEqual([
      ['energy', 7006],
      ['i0', Number.NaN],
      ['i1', 3],
    ]);
  });

  test.each(['5.0E+00', '5.0e+00', '5.0D+00'])('also beside numbers such as %s', (five) => {
    expect(columns('energy,i0,i1,i2', (i) => `${7000 + i},${i === 6 ? '' : five},${five},3`)).toEqual([
      ['energy', 7006],
      ['i0', Number.NaN],
      ['i1', 5],
      ['i2', 3],
    ]);
  });

  test('all of a column make it none, and do not move the others', () => {
    expect(columns('energy,i0,mu,i1', (i) => `${7000 + i},5,,3`)).toEqual([
      ['energy', 7006],
      ['i0', 5],
      ['', Number.NaN],
      ['i1', 3],
    ]);
  });

  test('a sign that closes each line makes no cell; doubled tabs are none', () => {
    expect(columns('energy,mu,', (i) => `${7000 + i},1,`)).toEqual([
      ['energy', 7006],
      ['mu', 1],
    ]);
    expect(columns('energy mu', (i) => `${7000 + i}\t\t1`)).toEqual([
      ['energy', 7006],
      ['mu', 1],
    ]);
  });
});
