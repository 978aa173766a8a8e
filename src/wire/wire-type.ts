import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type avro from 'avsc';
import { compileSchema } from './compile-schema.ts';
import { fillDefaults } from './fill-defaults.ts';
import { readerOf } from './writer-schema.ts';

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
  /** The schema file's own text. */
  readonly text: string;
  /** Reads what was written with that schema, as `readerOf` says. Throws where the two do not fit. */
  readerOf(writerText: string): (bytes: Buffer) => unknown;
};

/** What is encoded as a T: wherever this has a typed array, any array of numbers will do. */
export type Written<T> = T extends Float64Array | Float32Array
  ? ArrayLike<number>
  : T extends object
    ? { readonly [Key in keyof T]: Written<T[Key]> }
    : T;

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
  const schema: unknown = JSON.parse(text);
  const type = compileSchema(text);
  const fingerprint = fingerprintOf(type);
  const name = (type as avro.types.RecordType).name ?? '';
  const writers = new Map(
    [type, ...formerTexts.map(compileSchema)].map((writer) => [fingerprintOf(writer), writer]),
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
      return fillDefaults(schema, formerType.fromBuffer(bytes));
    },
    text,
    readerOf: (writerText) => readerOf(text, writerText),
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

const fingerprintOf = (type: avro.Type) => type.fingerprint('sha256').toString('hex');
