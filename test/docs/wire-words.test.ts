import { expect, test } from '@jest/globals';
import { ACCUMULATION_REASONS } from '../../src/messages/accumulation.ts';
import { DESCRIPTOR_NAMES } from '../../src/messages/descriptor-names.ts';
import { VERDICT_REASONS } from '../../src/messages/judgement.ts';
import { REJECT_REASONS } from '../../src/messages/reject.ts';
import { readText, rowsUnder } from './documents.ts';
import { fieldsOf, symbolsOf } from './schemas.ts';

const publish = readText('docs/publish.md');
const subscribe = readText('docs/subscribe.md');
const changes = readText('docs/changes.md');
const accumulate = readText('docs/accumulate.md');
const sorted = (words: Iterable<string>): string[] => [...words].sort();

test('docs/publish.md explains every reject reason, and none that is no more', () => {
  expect(sorted(rowsUnder(publish, '### Every reason'))).toEqual(sorted(Object.keys(REJECT_REASONS)));
});

test('docs/subscribe.md explains every reason of a verdict, and none that is no more', () => {
  expect(sorted(rowsUnder(subscribe, '## Every reason'))).toEqual(sorted(Object.keys(VERDICT_REASONS)));
});

test.each([
  ['## Every verdict', 'Verdict'],
  ['## Every advice', 'Advice'],
])('docs/subscribe.md, %s: all that the schema has', (heading, name) => {
  expect(sorted(rowsUnder(subscribe, heading))).toEqual(sorted(symbolsOf('descriptors', name)));
});

test('docs/accumulate.md explains every reason, and none that is no more', () => {
  expect(sorted(rowsUnder(accumulate, '### Every accumulation reason'))).toEqual(
    sorted(Object.keys(ACCUMULATION_REASONS)),
  );
});

test.each([
  ['changes', changes, 'quantity', 'change', 'Quantity'],
  ['changes', changes, 'kind', 'change', 'ChangeKind'],
  ['accumulate', accumulate, 'status', 'accumulation', 'AccumulationStatus'],
])('docs/%s.md: all symbols that the schema has', (_, text, column, schema, type) => {
  const rows = text.slice(text.indexOf(`| \`${column}\` | what`)).split('\n\n')[0]!;
  const named = [...rows.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, word]) => word!);
  expect(sorted(named)).toEqual(sorted(symbolsOf(schema, type)));
});

test('docs/subscribe.md spells every descriptor out', () => {
  expect(rowsUnder(subscribe, '## The descriptors')).toEqual(expect.arrayContaining([...DESCRIPTOR_NAMES]));
});

test.each([
  ['scan', 'docs/publish.md', publish],
  ['standard', 'docs/publish.md', publish],
  ['dead-letter', 'docs/publish.md', publish],
  ['descriptors', 'docs/subscribe.md', subscribe],
  ['change', 'docs/changes.md', changes],
  ['accumulation', 'docs/accumulate.md', accumulate],
])('every field of schemas/%s.v1.avsc stands in %s', (schema, _, text) => {
  const missing = fieldsOf(schema).filter((field) => !new RegExp(`\`(\\w+\\.)*${field}\``).test(text));
  expect(missing).toEqual([]);
});

test('rows are read beneath their heading alone, and a heading that is gone is an error', () => {
  const text =
    '## One\n| word | is |\n|---|---|\n| `a`, `b` | 1 |\n\n### Of one\n| c | 2 |\n## Two\n| d | 3 |\n';
  expect(rowsUnder(text, '## One')).toEqual(['a', 'b', 'c']);
  expect(() => rowsUnder(text, '## Three')).toThrow('Expected the heading "## Three", got none');
});
