import avro from 'avsc';
import { compileSchema } from './compile-schema.ts';

type Field = { readonly name: string; readonly type: unknown; readonly default?: unknown };
type RecordSchema = {
  readonly namespace?: string;
  readonly name?: string;
  readonly fields: readonly Field[];
};

/**
 * A reader of what was written with another schema of the same record, such as a registry knows it: fields are found by
 * name, those that we do not have are left out, those that it lacks get our defaults. Types must be ours, but numbers
 * may be narrower (int for long, float for double) and what may be null here may be always there.
 * @throws Error that says where the two schemas do not fit
 */
export function readerOf(oursText: string, theirsText: string): (bytes: Buffer) => Record<string, unknown> {
  const ours = JSON.parse(oursText) as RecordSchema;
  const theirs = JSON.parse(theirsText) as RecordSchema;
  const writer = compileSchema(theirsText);
  const [name, theirName] = [fullName(ours), (writer as Partial<avro.types.RecordType>).name];
  if (theirName !== name) throw new Error(`it is of ${theirName ?? 'no record'}, not of ${name}`);
  const written = new Map(theirs.fields.map((field) => [field.name, field]));
  const defaults = Object.fromEntries(
    ours.fields.flatMap((field) => {
      const match = written.get(field.name);
      if (match !== undefined && fits(field.type, match.type)) return [];
      if (match !== undefined) throw new Error(`its field ${field.name} has another type`);
      if (!('default' in field)) throw new Error(`it has no field ${field.name}`);
      return [[field.name, field.default]];
    }),
  );
  const taken = ours.fields.flatMap((field) => (field.name in defaults ? [] : [field.name]));
  return (bytes) => {
    const read = writer.fromBuffer(bytes) as Record<string, unknown>;
    return { ...defaults, ...Object.fromEntries(taken.map((each) => [each, widened(read[each])])) };
  };
}

const fullName = ({ namespace, name }: RecordSchema): string =>
  namespace ? `${namespace}.${name}` : (name ?? '');

const widened = (value: unknown): unknown =>
  value instanceof Float32Array ? Float64Array.from(value) : value;

/** Whether a value of their type is one of ours: each kind of value that they write is one that we read. */
function fits(ours: unknown, theirs: unknown): boolean {
  const read = new Set(branches(ours));
  return branches(theirs).every((branch) => read.has(branch));
}

const branches = (type: unknown): readonly string[] => (Array.isArray(type) ? type : [type]).map(canonical);

/** A type by its canonical form, with numbers as wide as they get. */
function canonical(type: unknown): string {
  const form = avro.Type.forSchema(type as avro.Schema).schema();
  return JSON.stringify(form).replaceAll('"float"', '"double"').replaceAll('"int"', '"long"');
}
