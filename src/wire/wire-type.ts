import { readFileSync } from 'node:fs';
import avro from 'avsc';
import { floatArrayType } from './float-array-type.ts';

/** A schema of schemas/, compiled, and what a record's headers say of it. */
export type WireType = {
  readonly name: string;
  readonly fingerprint: string;
  readonly headers: Readonly<Record<string, string>>;
  encode(value: unknown): Buffer;
  /** Throws on bytes that do not decode; trailing bytes are an error too. */
  decode(bytes: Buffer): unknown;
};

export const CONTENT_TYPE = 'application/avro';
/** Full name of the record, such as xanes.v1.Scan. */
export const HEADER_SCHEMA = 'schema-name';
/** SHA-256, hex, of the schema's Parsing Canonical Form (Avro specification). */
export const HEADER_FINGERPRINT = 'schema-fingerprint';
export const HEADER_CONTENT_TYPE = 'content-type';

/** Compiles schemas/FILE. Throws when the schema is missing or not Avro. */
export function wireType(file: string): WireType {
  const schema = JSON.parse(readFileSync(new URL(`../../schemas/${file}`, import.meta.url), 'utf8'));
  const type = avro.Type.forSchema(schema, { typeHook });
  const name = (type as avro.types.RecordType).name ?? file;
  const fingerprint = type.fingerprint('sha256').toString('hex');
  return {
    name,
    fingerprint,
    headers: {
      [HEADER_CONTENT_TYPE]: CONTENT_TYPE,
      [HEADER_SCHEMA]: name,
      [HEADER_FINGERPRINT]: fingerprint,
    },
    encode: (value) => type.toBuffer(value),
    decode: (bytes) => type.fromBuffer(bytes),
  };
}

/** Puts the block-copying arrays in place of avsc's own; passed to avsc, which calls it for every schema within a schema. */
export function typeHook(schema: unknown, options: unknown): avro.Type | undefined {
  if (isFloatArray(schema)) return floatArrayType(schema.items);
  if (!Array.isArray(schema) || !schema.some(isFloatArray)) return undefined;
  const union = avro.Type.forSchema(
    schema.map((branch) => (isFloatArray(branch) ? floatArrayType(branch.items) : branch)),
    {
      ...(options as object),
      typeHook: undefined as never,
    },
  );
  // avsc picks a union's branch by the kind of JavaScript value, and knows typed arrays only as objects.
  const indices = (union as unknown as { _bucketIndices: Record<string, number> })._bucketIndices;
  if (indices.object !== undefined)
    throw new Error('Expected a union of a float array with no record or map in it');
  indices.object = schema.findIndex(isFloatArray);
  return union;
}

const isFloatArray = (schema: unknown): schema is { type: 'array'; items: 'double' | 'float' } =>
  typeof schema === 'object' &&
  (schema as { type?: unknown }).type === 'array' &&
  ['double', 'float'].includes((schema as { items?: string }).items ?? '');
