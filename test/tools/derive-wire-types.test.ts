import { expect, test } from '@jest/globals';
import { typescriptTypes } from '../../tools/derive-wire-types.ts';

const VERDICT = { type: 'enum', name: 'Light', symbols: ['RED', 'GREEN'] };
const record = (...fields: unknown[]) =>
  JSON.stringify({ type: 'record', name: 'Signal', namespace: 'test', doc: 'A signal.', fields });
const typesOf = (...fields: unknown[]) =>
  typescriptTypes([['signal.v1.avsc', record(...fields)]], { prefix: '', arrays: 'plain' });

test('an enum is a union of its symbols, and so is a later reference to it', () => {
  const text = typesOf(
    { name: 'now', type: VERDICT },
    { name: 'then', type: ['null', 'Light'], default: null },
    { name: 'before', type: { type: 'array', items: 'Light' } },
  );
  expect(text).toContain("readonly now: 'RED' | 'GREEN';");
  expect(text).toContain("readonly then: null | 'RED' | 'GREEN';");
  expect(text).toMatch(/readonly before: .*'RED' \| 'GREEN'/);
});

test('a reference to nothing that stands before is refused by its name', () => {
  expect(() => typesOf({ name: 'now', type: 'Lamp' })).toThrow(
    'Expected a primitive Avro type or an enum that stands before, got Lamp',
  );
});
