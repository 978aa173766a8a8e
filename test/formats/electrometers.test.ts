import { expect, test } from '@jest/globals';
import { withChambers } from '../../src/formats/electrometers.ts';

const columnsOf = (...names: readonly string[]) =>
  names.map((name, i) => ({ name, unit: '', values: Float64Array.of(i + 1, 10 * (i + 1)) }));
const valuesOf = (columns: ReturnType<typeof columnsOf>, name: string) =>
  withChambers(columns).columns.find((column) => column.name === name)?.values;

const FOUR = columnsOf('energy', 'albaem02_ch1', 'albaem02_ch2', 'albaem02_ch3', 'albaem02_ch4');

test('the halves of the chambers of ALBA are put together', () => {
  expect(valuesOf(FOUR, 'i0')).toEqual(Float64Array.of(5, 50));
  expect(valuesOf(FOUR, 'itrans')).toEqual(Float64Array.of(9, 90));
  expect(withChambers(FOUR).notes).toEqual([
    'i0 is albaem02_ch1 + albaem02_ch2, itrans albaem02_ch3 + albaem02_ch4',
  ]);
  const two = columnsOf('albaem-01_ch1', 'albaem-01_ch2', 'albaem-02_ch3', 'albaem-02_ch4');
  expect([valuesOf(two, 'i0'), valuesOf(two, 'itrans')]).toEqual([
    Float64Array.of(3, 30),
    Float64Array.of(7, 70),
  ]);
});

test('a channel that is named wins, and what is no pair stays as it is', () => {
  for (const columns of [[...FOUR, ...columnsOf('i0')], FOUR.slice(0, 4), columnsOf('energy', 'counter_1')])
    expect(withChambers(columns)).toEqual({ columns, notes: [] });
});
