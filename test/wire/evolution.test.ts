import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import avro from 'avsc';
import { decodeDescriptors, encodeDescriptors, newestDescriptors } from '../../src/wire/descriptors-codec.ts';
import { compileWireType } from '../../src/wire/wire-type.ts';
import { exampleJudged } from '../producers/example-outcomes.ts';

type Field = { readonly name: string; readonly type: unknown; readonly default?: unknown };
type Schema = { readonly name: string; readonly namespace: string; readonly fields: readonly Field[] };

/** A schema's text without its documentation, which may change. */
const shapeOf = (type: unknown): string =>
  JSON.stringify(type, (key, value) => (key === 'doc' ? undefined : value));

/** What breaks the rule of evolution (docs/adr/0003): within v1, fields are only added, and only with a default. */
function breaches(former: Schema, next: Schema): string[] {
  const fields = new Map(next.fields.map((field) => [field.name, field]));
  const errors = former.fields
    .filter(({ name, type }) => shapeOf(fields.get(name)?.type) !== shapeOf(type))
    .map(({ name }) => `${name} was removed or retyped`);
  const known = new Set(former.fields.map(({ name }) => name));
  for (const field of next.fields) {
    if (!known.has(field.name) && !('default' in field))
      errors.push(`${field.name} was added without a default`);
  }
  if (former.name !== next.name || former.namespace !== next.namespace) errors.push('the record was renamed');
  return errors;
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

  const SINCE_1_5 = ['mapPosition'];
  const SINCE_1_4 = ['partialOf', ...SINCE_1_5];
  const SINCE_1_3 = ['repeatsNeeded', 'members', ...SINCE_1_4];
  const SINCE_1_2 = ['standards', 'energySigmaEv', 'means', 'mixedSites', 'change', ...SINCE_1_3];
  test.each([
    ['descriptors.v1.1.avsc', ['notes', ...SINCE_1_2]],
    ['descriptors.v1.2.avsc', SINCE_1_2],
    ['descriptors.v1.3.avsc', SINCE_1_3],
    ['descriptors.v1.4.avsc', SINCE_1_4],
    ['descriptors.v1.5.avsc', SINCE_1_5],
  ])('an event of %s is read with its headers, and kept in the newest', (file, added) => {
    const judged = { ...exampleJudged(3), standards: ['Co-K-foil-0123'] };
    const newest = decodeDescriptors(encodeDescriptors(judged, 0));
    const former = Object.fromEntries(Object.entries(newest).filter(([name]) => !added.includes(name)));
    const writer = compileWireType(read(`history/${file}`));
    const bytes = writer.encode(former);
    const headers = Object.fromEntries(
      Object.entries(writer.headers).map(([name, value]) => [name, Buffer.from(value)]),
    );
    const event = decodeDescriptors(bytes, headers);
    const nulls: readonly string[] = [
      ...['energySigmaEv', 'mixedSites', 'change', 'repeatsNeeded', 'partialOf', 'mapPosition'],
    ];
    const defaults = added.map((name) => [name, nulls.includes(name) ? null : []]);
    expect(event).toEqual({ ...newest, ...Object.fromEntries(defaults) });
    expect(() => decodeDescriptors(bytes)).toThrow();
    expect(decodeDescriptors(newestDescriptors(event, bytes, headers))).toEqual(event);
  });

  test.each([1, 2, 3, 4, 5].map((version) => `descriptors.v1.${version}.avsc`))(
    'an event of the newest is read by a client of %s that has the newest file as well',
    (file) => {
      const [writer, reader] = ['descriptors.v1.avsc', `history/${file}`].map((path) =>
        avro.Type.forSchema(JSON.parse(read(path))),
      ) as [avro.Type, avro.types.RecordType];
      const bytes = encodeDescriptors(exampleJudged(3), 0);
      const event = writer.fromBuffer(bytes) as Record<string, unknown>;
      const known = Object.fromEntries(reader.fields.map(({ name }) => [name, event[name]]));
      expect(Object.keys(known).length).toBeLessThan(Object.keys(event).length);
      expect(known).toMatchObject({ scanId: expect.any(String), descriptors: expect.any(Array) });
      expect({ ...(reader.fromBuffer(bytes, reader.createResolver(writer)) as object) }).toEqual(known);
    },
  );
});
