import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import avro from 'avsc';
import { decodeDescriptors, encodeDescriptors, newestDescriptors } from '../../src/wire/descriptors-codec.ts';
import { fillDefaults } from '../../src/wire/fill-defaults.ts';
import { compileWireType } from '../../src/wire/wire-type.ts';
import { exampleJudged } from '../producers/example-outcomes.ts';

type Field = { readonly name: string; readonly type: unknown; readonly default?: unknown };
type Schema = { readonly name: string; readonly namespace?: string; readonly fields: readonly Field[] };

/** A schema's text without its documentation, which may change. */
const shapeOf = (type: unknown): string =>
  JSON.stringify(type, (key, value) => (key === 'doc' ? undefined : value));

/** The record that a field is, or is an array of. */
function recordIn(type: unknown): Schema | null {
  const { type: kind, items } = (type ?? {}) as { readonly type?: string; readonly items?: unknown };
  if (kind === 'record') return type as Schema;
  return kind === 'array' ? recordIn(items) : null;
}

/** What breaks the rule of evolution (docs/adr/0003): within v1, fields are only added, and only with a default. */
function breaches(former: Schema, next: Schema): string[] {
  const fields = new Map(next.fields.map((field) => [field.name, field]));
  const errors = former.fields.flatMap(({ name, type }) => {
    const now = fields.get(name)?.type;
    const [before, after] = [recordIn(type), recordIn(now)];
    const isSameKind = shapeOf(withoutFields(type)) === shapeOf(withoutFields(now));
    if (before && after && isSameKind) return breaches(before, after).map((breach) => `${name}: ${breach}`);
    return shapeOf(now) === shapeOf(type) ? [] : [`${name} was removed or retyped`];
  });
  const known = new Set(former.fields.map(({ name }) => name));
  for (const field of next.fields) {
    if (!known.has(field.name) && !('default' in field))
      errors.push(`${field.name} was added without a default`);
  }
  if (former.name !== next.name || former.namespace !== next.namespace) errors.push('the record was renamed');
  return errors;
}

/** A record, or an array of records, without what is in them. */
const withoutFields = (type: unknown): unknown =>
  JSON.parse(shapeOf(type) ?? 'null', (key, value) => (key === 'fields' ? undefined : value));

/** What a schema knows of a record, and of those within it. */
function knownTo(schema: Schema, record: Record<string, unknown>): unknown {
  const known = schema.fields.map(({ name, type }) => {
    const inner = recordIn(type);
    const value = record[name] as Record<string, unknown> | Record<string, unknown>[];
    if (inner === null) return [name, value];
    return [name, Array.isArray(value) ? value.map((each) => knownTo(inner, each)) : knownTo(inner, value)];
  });
  return Object.fromEntries(known);
}

const schemas = new URL('../../schemas/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, schemas), 'utf8');
const current = JSON.parse(read('scan.v1.avsc')) as Schema;

describe('evolution of the schemas', () => {
  test('no former text of a schema breaks the rule', () => {
    const history = new URL('history/', schemas);
    const former = existsSync(history) ? readdirSync(history) : [];
    for (const file of former) {
      const next = read(file.replace(/^([a-z-]+\.v\d+)\..*avsc$/, '$1.avsc'));
      expect({ file, breaches: breaches(JSON.parse(read(`history/${file}`)), JSON.parse(next)) }).toEqual({
        file,
        breaches: [],
      });
    }
  });

  test('the rule sees a removed, a retyped and an undefaulted field', () => {
    const without = { ...current, fields: current.fields.filter(({ name }) => name !== 'edge') };
    const retyped = {
      ...current,
      fields: current.fields.map((field) =>
        field.name === 'sequence' ? { ...field, type: 'string' } : field,
      ),
    };
    const undefaulted = { ...current, fields: [...current.fields, { name: 'operator', type: 'string' }] };
    expect(breaches(current, without)).toEqual(['edge was removed or retyped']);
    expect(breaches(current, retyped)).toEqual(['sequence was removed or retyped']);
    expect(breaches(current, undefaulted)).toEqual(['operator was added without a default']);
  });

  test('the rule holds of records within records', () => {
    const events = JSON.parse(read('descriptors.v1.avsc')) as Schema;
    const changed = (change: (fields: Field[]) => Field[]) => {
      const copy = JSON.parse(JSON.stringify(events));
      const record = recordIn(copy.fields.find((field: Field) => field.name === 'descriptors').type)!;
      (record as { fields: readonly Field[] }).fields = change([...record.fields]);
      return breaches(events, copy);
    };
    const colour = { name: 'colour', type: 'string' };
    expect(changed((fields) => [...fields, { ...colour, default: '' }])).toEqual([]);
    expect(changed((fields) => [...fields, colour])).toEqual([
      'descriptors: colour was added without a default',
    ]);
    expect(changed((fields) => fields.slice(1))).toEqual(['descriptors: name was removed or retyped']);
  });

  test('records within records get their defaults, also in arrays and where they may be null', () => {
    const inner = {
      type: 'record',
      name: 'Inner',
      fields: [
        { name: 'a', type: 'int' },
        { name: 'b', type: 'int', default: 7 },
      ],
    };
    const fields = [
      { name: 'one', type: inner },
      { name: 'some', type: { type: 'array', items: 'int' } },
      { name: 'maybe', type: ['null', { ...inner, name: 'Other' }], default: null },
      { name: 'many', type: { type: 'array', items: { ...inner, name: 'Third' } } },
      { name: 'more', type: 'string', default: 'said' },
    ];
    const record = { type: 'record', name: 'Outer', fields };
    expect(
      fillDefaults(record, { one: { a: 1 }, some: [], maybe: { a: 2 }, many: [{ a: 3 }, { a: 4, b: 5 }] }),
    ).toEqual({
      ...{ one: { a: 1, b: 7 }, some: [], maybe: { a: 2, b: 7 }, more: 'said' },
      many: [
        { a: 3, b: 7 },
        { a: 4, b: 5 },
      ],
    });
    const none = fillDefaults(record, { one: { a: 1, b: 2 }, some: [], maybe: null, many: [] });
    expect(none).toMatchObject({ maybe: null, many: [] });
  });

  test('a reader of the next schema reads what was written with this one, arrays copied whole', () => {
    const next = {
      ...current,
      fields: [...current.fields, { name: 'operator', type: 'string', default: 'nobody' }],
    };
    const writer = compileWireType(JSON.stringify(current));
    const reader = compileWireType(JSON.stringify(next), [JSON.stringify(current)]);
    const energyEv = Float64Array.of(1, 2, 3);
    const scan = {
      ...{
        scanId: 'a',
        runId: 'r',
        sampleId: 's',
        beamline: 'b',
        element: 'Co',
        edge: 'K',
        mode: 'MU',
        energyEv,
      },
      ...{ mu: energyEv, i0: null, it: null, if: null, muReference: null, iReference: null, muSigma: null },
      ...{ startedAt: 0, endedAt: 1, sequence: 2, origin: 'LIVE', metadata: {} },
    };
    expect(reader.fingerprint).not.toBe(writer.fingerprint);
    expect(reader.decode(writer.encode(scan), writer.fingerprint)).toEqual({ ...scan, operator: 'nobody' });
    expect(() => writer.decode(reader.encode({ ...scan, operator: 'x' }), reader.fingerprint)).toThrow(
      /known schema/,
    );
  });

  const SINCE_1_6 = ['descriptors.trust', 'descriptors.trustThreshold'];
  const SINCE_1_5 = ['mapPosition', ...SINCE_1_6];
  const SINCE_1_4 = ['partialOf', ...SINCE_1_5];
  const SINCE_1_3 = ['repeatsNeeded', 'members', ...SINCE_1_4];
  const SINCE_1_2 = ['standards', 'energySigmaEv', 'means', 'mixedSites', 'change', ...SINCE_1_3];
  test.each([
    ['descriptors.v1.1.avsc', ['notes', ...SINCE_1_2]],
    ['descriptors.v1.2.avsc', SINCE_1_2],
    ['descriptors.v1.3.avsc', SINCE_1_3],
    ['descriptors.v1.4.avsc', SINCE_1_4],
    ['descriptors.v1.5.avsc', SINCE_1_5],
    ['descriptors.v1.6.avsc', SINCE_1_6],
  ])('an event of %s is read with its headers, and kept in the newest', (file, added) => {
    const judged = { ...exampleJudged(3), standards: ['Co-K-foil-0123'] };
    const newest = decodeDescriptors(encodeDescriptors(judged, 0));
    const former = Object.fromEntries(Object.entries(newest).filter(([name]) => !added.includes(name)));
    const untrusted = newest.descriptors.map((each) => ({ ...each, trust: null, trustThreshold: null }));
    const writer = compileWireType(read(`history/${file}`));
    const bytes = writer.encode(former);
    const headers = Object.fromEntries(
      Object.entries(writer.headers).map(([name, value]) => [name, Buffer.from(value)]),
    );
    const event = decodeDescriptors(bytes, headers);
    const nulls: readonly string[] = [
      ...['energySigmaEv', 'mixedSites', 'change', 'repeatsNeeded', 'partialOf', 'mapPosition'],
    ];
    const ofEvents = added.filter((name) => !name.includes('.'));
    const defaults = ofEvents.map((name) => [name, nulls.includes(name) ? null : []]);
    expect(event).toEqual({ ...newest, descriptors: untrusted, ...Object.fromEntries(defaults) });
    expect(() => decodeDescriptors(bytes)).toThrow();
    expect(decodeDescriptors(newestDescriptors(event, bytes, headers))).toEqual(event);
  });

  test.each([1, 2, 3, 4, 5, 6].map((version) => `descriptors.v1.${version}.avsc`))(
    'an event of the newest is read by a client of %s that has the newest file as well',
    (file) => {
      const [writer, reader] = ['descriptors.v1.avsc', `history/${file}`].map((path) =>
        avro.Type.forSchema(JSON.parse(read(path))),
      ) as [avro.Type, avro.Type];
      const bytes = encodeDescriptors(exampleJudged(3), 0);
      const event = writer.fromBuffer(bytes);
      const known = knownTo(JSON.parse(read(`history/${file}`)), event) as Record<string, unknown>;
      expect(JSON.stringify(known).length).toBeLessThan(JSON.stringify(event).length);
      expect(known).toMatchObject({ scanId: expect.any(String), descriptors: expect.any(Array) });
      const decoded = reader.fromBuffer(bytes, reader.createResolver(writer));
      expect(JSON.parse(JSON.stringify(decoded))).toEqual(JSON.parse(JSON.stringify(known)));
    },
  );
});
