import { readdirSync, readFileSync } from 'node:fs';
import avro from 'avsc';
import { breach, type Field } from './bounds.ts';
import { ClientError, UnknownSchema } from './errors.ts';

/** Bytes of a message and what its record's headers say of it. */
export type Headers = Readonly<Record<string, Buffer | undefined>>;

export type Codec<Message> = {
  /** Full name of the record, such as xanes.v1.Scan. */
  readonly name: string;
  readonly fields: readonly Field[];
  /** Null where a message is within the bounds of its schema; else a sentence that names the field that is not. */
  breachOf(message: Message): string | null;
  /** @throws ClientError that names the field of the wrong type, or beyond its bound */
  encode(message: Message): { readonly value: Buffer; readonly headers: Readonly<Record<string, string>> };
  /**
   * Reads also what was written with a former schema, or in Confluent's wire format, where the headers say so.
   * @throws UnknownSchema, or ClientError on bytes that do not decode
   */
  decode(value: Buffer | null, headers: Headers): Message;
};

const SCHEMAS = new URL('../schemas/', import.meta.url);
const FRAME_BYTES = 5; // a zero and the schema's id in its registry
const NAMES = {
  contentType: 'content-type',
  schema: 'schema-name',
  fingerprint: 'schema-fingerprint',
} as const;

/** Messages of a schema file, such as `scan.v1.avsc`, and of those that it replaced. */
export function codec<Message>(file: string): Codec<Message> {
  const text = readFileSync(new URL(file, SCHEMAS), 'utf8');
  const { fields } = JSON.parse(text) as { readonly fields: readonly Field[] };
  const type = typeOf(text) as avro.types.RecordType;
  const name = type.name ?? '';
  const readers = new Map([[fingerprintOf(type), (bytes: Buffer) => type.fromBuffer(bytes)]]);
  for (const former of formerTexts(file)) {
    const writer = typeOf(former);
    const resolver = type.createResolver(writer);
    readers.set(fingerprintOf(writer), (bytes) => type.fromBuffer(bytes, resolver));
  }
  const headers = {
    [NAMES.contentType]: 'application/avro',
    [NAMES.schema]: name,
    [NAMES.fingerprint]: fingerprintOf(type),
  };
  const breachOf = (message: Message) => breach(fields, message as Readonly<Record<string, unknown>>);
  return {
    name,
    fields,
    breachOf,
    encode(message) {
      const wrong = mistyped(type, message) ?? breachOf(message);
      if (wrong !== null) throw new ClientError(wrong);
      return { value: type.toBuffer(message), headers };
    },
    decode(value, given) {
      if (value === null || value.length === 0) throw new ClientError(`Expected a ${name}, got no bytes`);
      const named = given[NAMES.schema]?.toString();
      if (named !== undefined && named !== name)
        throw new UnknownSchema(`Expected header ${NAMES.schema} to be ${name}, got ${named.slice(0, 120)}`);
      const fingerprint = given[NAMES.fingerprint]?.toString().toLowerCase() ?? headers[NAMES.fingerprint]!;
      const read = readers.get(fingerprint);
      if (read === undefined)
        throw new UnknownSchema(
          `Expected header ${NAMES.fingerprint} to be of a ${name} that this package has, got ${fingerprint.slice(0, 64)}`,
        );
      try {
        return read(isFramed(given) ? value.subarray(FRAME_BYTES) : value) as Message;
      } catch (error) {
        throw new ClientError(
          `Expected ${value.length} bytes to decode as ${name}: ${(error as Error).message}`,
        );
      }
    },
  };
}

const typeOf = (text: string): avro.Type => avro.Type.forSchema(JSON.parse(text));
const fingerprintOf = (type: avro.Type): string => type.fingerprint('sha256').toString('hex');

function formerTexts(file: string): readonly string[] {
  const stem = file.replace(/avsc$/, '');
  const folder = new URL('history/', SCHEMAS);
  const names = readdirSync(folder).filter((name) => name.startsWith(stem));
  return names.map((name) => readFileSync(new URL(name, folder), 'utf8'));
}

/** A sentence that names the first field whose value is not of its type. */
function mistyped(type: avro.Type, message: unknown): string | null {
  let wrong: string | null = null;
  type.isValid(message, {
    errorHook: (path, value, expected) => {
      wrong ??= `Expected ${path.join('.') || 'the message'} to be ${nameOf(expected)}, got ${shown(value)}`;
    },
  });
  return wrong;
}

const nameOf = (type: avro.Type): string =>
  (type.branchName ?? JSON.stringify(type.schema()))
    .replaceAll('"', '')
    .replaceAll(',', ' or ')
    .replace(/[[\]]/g, '');

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? typeof value);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

const isFramed = (headers: Headers): boolean =>
  /^application\/avro *; *framing=confluent$/i.test(headers[NAMES.contentType]?.toString() ?? '');
