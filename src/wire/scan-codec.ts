import type { SourceRecord } from '../messages/record.ts';
import { isReject, type Reject, reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import { checkBounds } from './check-bounds.ts';
import { frameId, unframed } from './confluent-frame.ts';
import { decodeJsonRecord } from './decode-json-record.ts';
import { fingerprintIn } from './decode-record.ts';
import type { WireScan } from './generated.ts';
import { nameBytes } from './name-bytes.ts';
import { recordFormat } from './record-format.ts';
import { short } from './short.ts';
import { HEADER_FINGERPRINT, HEADER_SCHEMA, type WireType, wireType } from './wire-type.ts';

const SCAN: WireType = wireType('scan.v1.avsc');

export const SCAN_FINGERPRINT = SCAN.fingerprint;
/** As a schema registry is told it. */
export const SCAN_SCHEMA = SCAN.text;

/** Bytes and headers of a scan for the scans topic; the record's key is `scan.sampleId`. */
export function encodeScan(scan: Scan): { value: Buffer; headers: Record<string, string> } {
  const { startedAtMs, endedAtMs, ...rest } = scan;
  return {
    value: SCAN.encode({ ...rest, startedAt: startedAtMs, endedAt: endedAtMs }),
    headers: { ...SCAN.headers },
  };
}

/** The schemas of a registry by their ids: how a scan that was written with one is read. */
export type RegisteredSchemas = { of(id: number): ScanReader | undefined };

/** A scan from bytes that were written with a certain schema; throws on bytes that do not decode. */
export type ScanReader = (bytes: Buffer) => Scan;

/** Reads what was written with a schema of somebody else's registry, or says why it cannot be. */
export function scanReader(writerText: string, id: number): ScanReader | Reject {
  try {
    const read = SCAN.readerOf(writerText);
    return (bytes) => fromWire(read(bytes) as WireScan);
  } catch (error) {
    return reject(
      'unknown-schema',
      `Expected schema ${id} of the registry to be one of ${SCAN.name}: ${short((error as Error).message)}`,
    );
  }
}

/**
 * The id by which a record's schema must be looked up in a registry before it can be decoded; null: it need not be. A
 * record that names a schema of ours by its fingerprint needs no registry.
 */
export function schemaIdOf(record: SourceRecord): number | null {
  const { value, headers } = record;
  if (value === null || recordFormat(record, true) !== 'confluent') return null;
  return fingerprintIn(headers) === undefined ? frameId(value) : null;
}

/**
 * A record of the scans topic as a Scan, or why it is none. Headers may be left out by clients that know only the
 * schema file; where they are there, they must name this schema, because Avro bytes of another one can decode to
 * nonsense.
 * @param registered null: no schema registry is in use
 */
export function decodeScan(record: SourceRecord, registered: RegisteredSchemas | null = null): Scan | Reject {
  const { value, withheld, topic, partition, offset } = record;
  if (withheld !== undefined)
    return reject('not-unpacked', `${withheld}. It is at offset ${offset} of ${topic}/${partition} alone.`);
  if (value === null || value.length === 0)
    return reject('empty-record', 'Expected Avro bytes of xanes.v1.Scan in the record value, got none');
  const format = recordFormat(record, registered !== null);
  if (isReject(format)) return format;
  const another = checkSchemaHeaders(record.headers);
  if (another !== null) return another;
  const fingerprint = fingerprintIn(record.headers);
  const scan =
    format === 'json'
      ? decodeJsonRecord(value, record)
      : format === 'avro'
        ? readAvro(value, (bytes) => fromWire(SCAN.decode(bytes, fingerprint) as WireScan), whatElse)
        : decodeFramed(value, fingerprint, registered);
  return isReject(scan) ? scan : (checkBounds(scan, record) ?? scan);
}

function decodeFramed(
  value: Buffer,
  fingerprint: string | undefined,
  registered: RegisteredSchemas | null,
): Scan | Reject {
  const id = frameId(value);
  if (id === null)
    return reject(
      'malformed-avro',
      `Expected a zero and a schema id of 4 bytes before the Avro bytes, got ${value.length} bytes`,
    );
  if (fingerprint !== undefined)
    return readAvro(unframed(value), (bytes) => fromWire(SCAN.decode(bytes, fingerprint) as WireScan));
  const read = registered?.of(id);
  if (read !== undefined) return readAvro(unframed(value), read);
  return reject(
    'unknown-schema',
    `Expected schema ${id} to be known: set SCHEMA_REGISTRY_URL, or send header ${HEADER_FINGERPRINT}`,
  );
}

function readAvro(
  bytes: Buffer,
  read: ScanReader,
  hint: (bytes: Buffer) => string | null = () => null,
): Scan | Reject {
  try {
    return read(bytes);
  } catch (error) {
    const what = hint(bytes) ?? short(error instanceof Error ? error.message : String(error));
    return reject('malformed-avro', `Expected ${bytes.length} bytes to decode as ${SCAN.name}: ${what}`);
  }
}

const whatElse = (bytes: Buffer): string | null =>
  nameBytes(bytes, (part) => !isReject(readAvro(part, plain)));
const plain: ScanReader = (bytes) => fromWire(SCAN.decode(bytes) as WireScan);

const fromWire = ({ startedAt, endedAt, ...rest }: WireScan): Scan => {
  return { ...rest, startedAtMs: startedAt, endedAtMs: endedAt };
};

type Headers = SourceRecord['headers'];

function checkSchemaHeaders(headers: Headers): Reject | null {
  const unknown = (header: string, expected: string, got: string): Reject =>
    reject('unknown-schema', `Expected header ${header} to be ${expected}, got ${short(got)}`);
  const name = headers[HEADER_SCHEMA]?.toString();
  if (name !== undefined && name !== SCAN.name) return unknown(HEADER_SCHEMA, SCAN.name, name);
  const fingerprint = fingerprintIn(headers);
  if (fingerprint !== undefined && !SCAN.knows(fingerprint))
    return unknown(HEADER_FINGERPRINT, SCAN.fingerprint, fingerprint);
  return null;
}
