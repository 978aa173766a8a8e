import { describe, expect, test } from '@jest/globals';
import { encode } from '@msgpack/msgpack';
import avro from 'avsc';
import fc from 'fast-check';
import type { SourceRecord } from '../../src/messages/record.ts';
import { isReject } from '../../src/messages/reject.ts';
import { framed } from '../../src/wire/confluent-frame.ts';
import { isMsgpack } from '../../src/wire/is-msgpack.ts';
import { decodeScan, encodeScan, SCAN_SCHEMA, scanReader, schemaIdOf } from '../../src/wire/scan-codec.ts';
import { exampleScan } from '../faults/scans.ts';

const scan = exampleScan('cell-1', 3);
const plain = encodeScan(scan);

const record = (value: Buffer, headers: Readonly<Record<string, string>> = {}): SourceRecord => ({
  ...{ topic: 'scans', partition: 0, offset: 1n, timestampMs: 1_750_000_123_456, receivedAtMs: 0 },
  key: Buffer.from('key'),
  value,
  headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
});
const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };
const inJson = (fields: object) => record(Buffer.from(JSON.stringify(fields)), JSON_HEADERS);
const lists = { energyEv: [...scan.energyEv], mu: [...scan.mu!] };

describe('a scan in JSON', () => {
  test('is the same scan as in Avro', () => {
    const { startedAtMs: startedAt, endedAtMs: endedAt, ...rest } = scan;
    expect(decodeScan(inJson({ ...rest, ...lists, startedAt, endedAt }))).toEqual(scan);
  });

  test('takes what it does not say from its record', () => {
    const { scanId, element } = scan;
    expect(
      decodeScan(inJson({ scanId, element, ...lists, metadata: { temperature: 300, dry: true } })),
    ).toEqual({
      ...scan,
      ...{ sampleId: 'key', runId: 'key', beamline: '', sequence: 0, origin: 'LIVE', edge: 'K', mode: 'MU' },
      ...{ startedAtMs: 1_750_000_123_456, endedAtMs: 1_750_000_123_456 },
      metadata: { temperature: '300', dry: 'true' },
    });
  });

  test('times are whole ms, and sequence is a number that an event holds', () => {
    const times = { startedAt: 1_750_000_000_000.25, endedAt: 1_750_000_000_123.75 };
    expect(decodeScan(inJson({ ...scan, ...lists, ...times }))).toMatchObject({
      ...{ startedAtMs: 1_750_000_000_000, endedAtMs: 1_750_000_000_124 },
    });
    expect(decodeScan(inJson({ ...scan, ...lists, sequence: 2 ** 53 - 1 }))).toMatchObject({
      reason: 'malformed-json',
      detail: 'Expected sequence to be an integer up to 9007199254740990, got number',
    });
  });

  test('null is no number, which the bounds of a scan then judge', () => {
    const read = decodeScan(inJson({ ...scan, ...lists, mu: [1, null, 2] }));
    expect(read).toMatchObject({ mu: Float64Array.of(1, Number.NaN, 2) });
  });
});

describe("Confluent's wire format", () => {
  const id = 70_000;
  const withSchema = (schema: string, bytes: Buffer) => {
    const read = scanReader(schema, id);
    return isReject(read)
      ? read
      : decodeScan(record(framed(bytes, id)), { of: (n) => (n === id ? read : undefined) });
  };
  type Fields = { name: string; type: unknown; default?: unknown }[];
  const changed = (change: (fields: Fields) => Fields, name = 'Scan') => {
    const schema = JSON.parse(SCAN_SCHEMA) as { name: string; fields: Fields };
    return JSON.stringify({ ...schema, name, fields: change(schema.fields) });
  };
  const { startedAtMs: startedAt, endedAtMs: endedAt, ...rest } = scan;
  const wire = { ...rest, ...lists, startedAt, endedAt };
  const written = (schema: string, value: object = wire) =>
    avro.Type.forSchema(JSON.parse(schema)).toBuffer(value);

  test('bytes of our own schema', () => {
    expect(withSchema(SCAN_SCHEMA, plain.value)).toEqual(scan);
    expect(schemaIdOf(record(framed(plain.value, id)))).toBe(id);
  });

  test('fields in another order, one of theirs, some of ours left out, narrower numbers', () => {
    const theirs = changed((fields) =>
      [
        { name: 'hutch', type: { type: 'array', items: 'string' } },
        ...fields.filter(({ name }) => !['muSigma', 'if', 'origin'].includes(name)),
      ]
        .map((field) =>
          field.name === 'mu' ? { name: 'mu', type: { type: 'array', items: 'float' } } : field,
        )
        .map((field) => (field.name === 'sequence' ? { ...field, type: 'int' } : field))
        .reverse(),
    );
    expect(withSchema(theirs, written(theirs, { ...wire, hutch: ['a', 'b'] }))).toEqual({
      ...scan,
      mu: Float64Array.from(scan.mu!, Math.fround),
      origin: 'LIVE',
    });
  });

  test.each([
    ['no JSON', '<html>', /JSON/],
    ['no Avro', '{"type":"recrod"}', /type/],
    ['no record', '"string"', /it is of no record, not of xanes.v1.Scan/],
    ['another record', changed((fields) => fields, 'Sweep'), /it is of xanes.v1.Sweep, not of xanes.v1.Scan/],
    [
      'a field missing',
      changed((fields) => fields.filter(({ name }) => name !== 'element')),
      /no field element/,
    ],
    [
      'a field of another type',
      changed((fields) =>
        fields.map((field) => (field.name === 'scanId' ? { ...field, type: 'long' } : field)),
      ),
      /its field scanId has another type/,
    ],
    ['a type that is nowhere', changed((fields) => [{ name: 'x', type: 'Nowhere' }, ...fields]), /Nowhere/],
  ])('a registry that answers with %s', (_, schema, says) => {
    expect(scanReader(schema, id)).toMatchObject({
      reason: 'unknown-schema',
      detail: expect.stringMatching(says),
    });
  });

  test('a schema whose bytes never end, and one that claims 2^50 items of nothing', () => {
    const node = { type: 'record', name: 'Node', fields: [{ name: 'next', type: 'Node' }] };
    const endless = changed((fields) => [{ name: 'next', type: node }, ...fields]);
    expect(withSchema(endless, plain.value)).toMatchObject({ reason: 'malformed-avro' });
    const nothing = changed((fields) => [
      { name: 'none', type: { type: 'array', items: 'null' } },
      ...fields,
    ]);
    const claims = Buffer.concat([avro.Type.forSchema('long').toBuffer(2 ** 50), plain.value]);
    expect(withSchema(nothing, claims)).toMatchObject({ reason: 'malformed-avro' });
  });

  test('headers say more than the first byte', () => {
    const noIds = encodeScan({ ...scan, scanId: '', runId: '' });
    expect(schemaIdOf(record(noIds.value, noIds.headers))).toBeNull();
    expect(decodeScan(record(noIds.value, noIds.headers), { of: () => undefined })).toMatchObject({
      scanId: '',
    });
    const named = { ...plain.headers, 'content-type': 'Application/Avro;framing=confluent' };
    expect(schemaIdOf(record(framed(plain.value, id), named))).toBeNull();
    expect(decodeScan(record(framed(plain.value, id), named))).toEqual(scan);
  });
});

describe('isMsgpack', () => {
  test('all that the library writes, and none of it when it is cut or goes on', () => {
    fc.assert(
      fc.property(
        fc.object({ withBigInt: false, withTypedArray: true, withNullPrototype: false }),
        (value) => {
          const bytes = Buffer.from(encode(value, { ignoreUndefined: true }));
          expect(isMsgpack(bytes)).toBe(true);
          expect(isMsgpack(bytes.subarray(0, -1))).toBe(false);
          expect(isMsgpack(Buffer.concat([bytes, Buffer.from([1])]))).toBe(false);
        },
      ),
    );
  });
});
