import { describe, expect, test } from '@jest/globals';
import type { Standard } from '../../src/messages/standard.ts';
import { standardsTable } from '../../src/standards/standards-table.ts';
import { FOIL, osOf, standardOf } from './example-standards.ts';

const scan = { beamline: 'test', element: 'Co', edge: 'K', endedAtMs: 1000 };

function tableOf(...standards: readonly Standard[]) {
  const table = standardsTable();
  for (const standard of standards) table.put(standard);
  return table;
}

/** Ids of what applies to a scan: the foil, then the samples. */
function applying(table: ReturnType<typeof tableOf>, fields: Partial<typeof scan> = {}) {
  const { foil, samples } = table.applying({ ...scan, ...fields });
  return [foil?.standardId ?? null, ...samples.map(({ standardId }) => standardId)];
}

const foil = (standardId: string, validFromMs: number, fields: Partial<Standard> = {}) =>
  standardOf({ standardId, validFromMs, known: FOIL, ...fields });
const sample = (standardId: string, validFromMs: number, fields: Partial<Standard> = {}) =>
  standardOf({ standardId, validFromMs, known: osOf(3), ...fields });

describe('the standards that apply to a scan', () => {
  test('are the newest foil and all samples, from their valid-from on and before their valid-until', () => {
    const table = tableOf(
      foil('f2', 900),
      foil('f1', 100),
      foil('f3', 2000),
      sample('b', 800),
      sample('a', 100),
      sample('over', 100, { validUntilMs: 1000 }),
    );
    expect(applying(table)).toEqual(['f2', 'a', 'b']);
    expect(applying(table, { endedAtMs: 2000 })).toEqual(['f3', 'a', 'b']);
    expect(applying(table, { endedAtMs: 999 })).toEqual(['f2', 'a', 'over', 'b']);
    expect(applying(table, { endedAtMs: 100 })).toEqual(['f1', 'a', 'over']);
    expect(applying(table, { endedAtMs: 99 })).toEqual([null]);
  });

  test('are of its own beamline, element and edge', () => {
    const table = tableOf(foil('f', 0), sample('s', 0));
    for (const other of [{ beamline: 'other' }, { element: 'Ni' }, { edge: 'L3' }]) {
      expect(applying(table, other)).toEqual([null]);
    }
    expect(applying(tableOf(foil('f', 0, { beamline: '' })), { beamline: '' })).toEqual([null]);
  });

  test('do not depend on the order in which they came', () => {
    const standards = [foil('x', 5), foil('y', 5), sample('p', 5), sample('q', 5)];
    const forth = tableOf(...standards);
    const back = tableOf(...standards.toReversed());
    expect(applying(forth)).toEqual(['y', 'p', 'q']);
    expect(applying(back)).toEqual(applying(forth));
  });

  test('are at most 64 samples, the newest', () => {
    const table = tableOf(...Array.from({ length: 70 }, (_, i) => sample(`s${i}`, i)));
    const ids = applying(table);
    expect(ids).toHaveLength(1 + 64);
    expect(ids[1]).toBe('s6');
    expect(ids.at(-1)).toBe('s69');
  });
});

describe('the table', () => {
  test('takes a standard in place of one with its id, and forgets one that is withdrawn', () => {
    const table = tableOf(foil('f', 0), sample('s', 0));
    expect(applying(table)).toEqual(['f', 's']);
    table.put(sample('s', 0, { validUntilMs: 500 }));
    expect(applying(table)).toEqual(['f']);
    table.remove('f');
    expect(applying(table)).toEqual([null]);
    expect(table.all().map(({ standardId }) => standardId)).toEqual(['s']);
    table.clear();
    expect(table.all()).toEqual([]);
  });

  test('is full at its limit, and then still takes what it has in a newer form', () => {
    const table = standardsTable(2);
    expect([table.put(foil('a', 0)), table.put(foil('b', 0)), table.put(foil('c', 0))]).toEqual([
      true,
      true,
      false,
    ]);
    expect(table.put(foil('b', 1))).toBe(true);
    expect(table.all().map(({ standardId }) => standardId)).toEqual(['a', 'b']);
  });
});
