import { existsSync, readdirSync, readFileSync } from 'node:fs';
import avro from 'avsc';
import { boundedBlocks } from './bounded-blocks.ts';
import { floatArrayType } from './float-array-type.ts';

/** A schema of schemas/, compiled, and what a record's headers say of it. */
export type WireType = {
  readonly name: string;
  readonly fingerprint: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether `decode` can read what a writer with this schema wrote. */
  knows(fingerprint: string): boolean;
  encode(value: unknown): Buffer;
  /**
   * Reads bytes that were written with the schema of that fingerprint, by default the newest; fields that it lacked get
   * their defaults. Throws on bytes that do not decode; trailing bytes are an error too.
   */
  decode(bytes: Buffer, fingerprint?: string): unknown;
};

export const CONTENT_TYPE = 'application/avro';
/** Full name of the record, such as xanes.v1.Scan. */
export const HEADER_SCHEMA = 'schema-name';
/** SHA-256, hex, of the schema's Parsing Canonical Form (Avro specification). */
export const HEADER_FINGERPRINT = 'schema-fingerprint';
export const HEADER_CONTENT_TYPE = 'content-type';

const FOLDER = new URL('../../schemas/', import.meta.url);

/** Compiles schemas/FILE and its former texts in schemas/history. Throws when one is missing or not Avro. */
export function wireType(file: string): WireType {
  const former = new URL('history/', FOLDER);
  const stem = file.replace(/avsc$/, '');
  const formerFiles = existsSync(former) ? readdirSync(former).filter((name) => name.startsWith(stem)) : [];
  return compileWireType(
    readFileSync(new URL(file, FOLDER), 'utf8'),
    formerFiles.map((name) => readFileSync(new URL(name, former), 'utf8')),
  );
}

/** The same from the texts themselves: the newest, and those that it has replaced. */
export function compileWireType(text: string, formerTexts: readonly string[] = []): WireType {
  const schema = JSON.parse(text) as { fields: { name: string; default?: unknown }[] };
  const type = compile(text);
  const fingerprint = fingerprintOf(type);
  const name = (type as avro.types.RecordType).name ?? '';
  const writers = new Map(
    [type, ...formerTexts.map(compile)].map((writer) => [fingerprintOf(writer), writer]),
  );
  const defaults = Object.fromEntries(
    schema.fields.filter((field) => 'default' in field).map((field) => [field.name, field.default]),
  );
  return {
    name,
    fingerprint,
    headers: {
      [HEADER_CONTENT_TYPE]: CONTENT_TYPE,
      [HEADER_SCHEMA]: name,
      [HEADER_FINGERPRINT]: fingerprint,
    },
    knows: (writer) => writers.has(writer),
    encode: (value) => encodedBy(type, value),
    decode(bytes, writer = fingerprint) {
      if (writer === fingerprint) return type.fromBuffer(bytes);
      const formerType = writers.get(writer);
      if (formerType === undefined)
        throw new Error(`Expected a known schema of ${name}, got fingerprint ${writer}`);
      return { ...defaults, ...formerType.fromBuffer(bytes) };
    },
  };
}

/** Room for what is being encoded: avsc's own is 1 kB, and what does not fit in is written once more. */
let room = Buffer.allocUnsafeSlow(65_536);

function encodedBy(type: avro.Type, value: unknown): Buffer {
  for (;;) {
    const end = type.encode(value, room, 0);
    if (end >= 0) return Buffer.from(room.subarray(0, end));
    room = Buffer.allocUnsafeSlow(2 * (room.length - end)); // so many bytes were missing
  }
}

const compile = (text: string) => avro.Type.forSchema(JSON.parse(text), { typeHook });
const fingerprintOf = (type: avro.Type) => type.fingerprint('sha256').toString('hex');

/** Puts bounded and block-copying types in place of avsc's own; avsc calls it for every schema within a schema. */
function typeHook(schema: unknown, options: unknown): avro.Type | undefined {
  if (isFloatArray(schema)) return floatArrayType(schema.items);
  if (hasBlocks(schema) && !inMaking.has(schema)) {
    const itself = { ...schema };
    inMaking.add(itself); // avsc asks for its own type of this very schema; what lies within goes through the hook
    return boundedBlocks(avro.Type.forSchema(itself as avro.Schema, options as object));
  }
  if (!Array.isArray(schema) || !schema.some(isFloatArray)) return undefined;
  const union = avro.Type.forSchema(
    schema.map((branch) => (isFloatArray(branch) ? floatArrayType(branch.items) : branch)),
    { ...(options as object), typeHook: undefined as never },
  );
  // avsc picks a union's branch by the kind of JavaScript value, and knows typed arrays only as objects.
  const indices = (union as unknown as { _bucketIndices: Record<string, number> })._bucketIndices;
  if (indices.object !== undefined)
    throw new Error('Expected a union of a float array with no record or map in it');
  indices.object = schema.findIndex(isFloatArray);
  return union;
}

/** Schemas that are being wrapped. */
const inMaking = new WeakSet<object>();

const hasBlocks = (schema: unknown): schema is { type: 'array' | 'map' } =>
  typeof schema === 'object' &&
  schema !== null &&
  ['array', 'map'].includes((schema as { type?: string }).type ?? '');

const isFloatArray = (schema: unknown): schema is { type: 'array'; items: 'double' | 'float' } =>
  typeof schema === 'object' &&
  (schema as { type?: unknown }).type === 'array' &&
  ['double', 'float'].includes((schema as { items?: string }).items ?? '');
