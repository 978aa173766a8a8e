import { expect, test } from '@jest/globals';
import { SCAN_BOUNDS } from '../../src/messages/scan.ts';
import { type Config, readConfig } from '../../src/runtime/config.ts';
import { readText, rowsUnder } from './documents.ts';
import { fieldOf, fieldsOf, schemaOf, symbolsOf } from './schemas.ts';

const wire = readText('docs/wire.md');
const sorted = (words: Iterable<string>): string[] => [...words].sort();

test('docs/wire.md has every topic with its setting and its message', () => {
  const settings = Object.entries(readConfig({})).filter(([name]) => name.startsWith('TOPIC_'));
  const topics = settings.filter(([name]) => name !== 'TOPIC_PARTITIONS') as [keyof Config, string][];
  expect(sorted(rowsUnder(wire, '## Topics'))).toEqual(sorted(topics.map(([, topic]) => topic)));
  for (const [name, topic] of topics) expect(wire).toContain(`| \`${topic}\` | \`${name}\` | `);
});

test('docs/wire.md has every kind of request with what it needs, and none that is no more', () => {
  const { kinds = {} } = fieldOf('request', 'kind');
  const table = wire.slice(wire.indexOf('## Requests'), wire.indexOf('### Acknowledgements'));
  for (const [kind, { needs }] of Object.entries(kinds))
    expect(table).toContain(
      `| \`${kind}\` | ${needs.map((each) => `\`${each}\``).join(', ')}${needs.length ? ' ' : ''}|`,
    );
  const rows = rowsUnder(wire, '## Requests').slice(0, Object.keys(kinds).length);
  expect(rows).toEqual(Object.keys(kinds));
});

test('docs/wire.md has every status and every reason of an acknowledgement', () => {
  const { codes = {} } = fieldOf('acknowledgement', 'reason');
  const statuses = symbolsOf('acknowledgement', 'AcknowledgementStatus');
  const rows = rowsUnder(wire, '### Acknowledgements');
  expect(rows.slice(0, statuses.length + Object.keys(codes).length)).toEqual([
    ...statuses,
    ...Object.keys(codes),
  ]);
});

test.each(['request', 'acknowledgement'])(
  'every field of schemas/%s.v1.avsc stands in docs/wire.md',
  (schema) => {
    const missing = fieldsOf(schema).filter((field) => !new RegExp(`\`(\\w+\\.)*${field}\``).test(wire));
    expect(missing).toEqual([]);
  },
);

test('the bounds beside the fields of schemas/scan.v1.avsc are those that the processor holds scans to', () => {
  const bounds = Object.fromEntries(schemaOf('scan').fields!.map((field) => [field.name, field]));
  for (const name of ['scanId', 'runId', 'sampleId', 'beamline'])
    expect(bounds[name]).toMatchObject({ maxLength: SCAN_BOUNDS.idLength });
  for (const name of ['element', 'edge'])
    expect(bounds[name]).toMatchObject({ maxLength: SCAN_BOUNDS.symbolLength });
  for (const name of ['startedAt', 'endedAt'])
    expect(bounds[name]).toMatchObject({
      minimum: SCAN_BOUNDS.earliestMs,
      exclusiveMaximum: SCAN_BOUNDS.latestMs,
    });
  expect(bounds.metadata).toMatchObject({
    maxProperties: SCAN_BOUNDS.metadataEntries,
    maxLength: SCAN_BOUNDS.metadataLength,
  });
});
