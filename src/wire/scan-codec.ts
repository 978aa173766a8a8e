import type { SourceRecord } from '../messages/record.ts';
import { type Reject, reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import { checkBounds } from './check-bounds.ts';
import type { WireScan } from './generated.ts';
import {
  CONTENT_TYPE,
  HEADER_CONTENT_TYPE,
  HEADER_FINGERPRINT,
  HEADER_SCHEMA,
  type WireType,
  wireType,
} from './wire-type.ts';

const SCAN: WireType = wireType('scan.v1.avsc');

export const SCAN_FINGERPRINT = SCAN.fingerprint;

/** Ours, and the names that other ecosystems give to Avro's binary encoding. */
const CONTENT_TYPES: ReadonlySet<string> = new Set([
  CONTENT_TYPE,
  'avro/binary',
  'application/vnd.apache.avro+binary',
]);

/** Bytes and headers of a scan for the scans topic; the record's key is `scan.sampleId`. */
export function encodeScan(scan: Scan): { value: Buffer; headers: Record<string, string> } {
  const { startedAtMs, endedAtMs, ...rest } = scan;
  return {
    value: SCAN.encode({ ...rest, startedAt: startedAtMs, endedAt: endedAtMs }),
    headers: { ...SCAN.headers },
  };
}

/**
 * A record of the scans topic as a Scan, or why it is none. Headers may be left out by clients that know only the
 * schema file; where they are there, they must name this schema, because Avro bytes of another one can decode to
 * nonsense.
 */
export function decodeScan(record: SourceRecord): Scan | Reject {
  if (record.withheld !== undefined) {
    const { topic, partition, offset } = record;
    return reject(
      'not-unpacked',
      `${record.withheld}. It is at offset ${offset} of ${topic}/${partition} alone.`,
    );
  }
  if (record.value === null || record.value.length === 0) {
    return reject('empty-record', 'Expected Avro bytes of xanes.v1.Scan in the record value, got none');
  }
  const contentType = record.headers[HEADER_CONTENT_TYPE]?.toString();
  if (contentType !== undefined && !CONTENT_TYPES.has(contentType)) {
    return reject(
      'unknown-content-type',
      `Expected header ${HEADER_CONTENT_TYPE} to be ${CONTENT_TYPE}, got ${short(contentType)}`,
    );
  }
  const name = record.headers[HEADER_SCHEMA]?.toString();
  if (name !== undefined && name !== SCAN.name) {
    return reject(
      'unknown-schema',
      `Expected header ${HEADER_SCHEMA} to be ${SCAN.name}, got ${short(name)}`,
    );
  }
  const fingerprint = record.headers[HEADER_FINGERPRINT]?.toString().toLowerCase();
  if (fingerprint !== undefined && !SCAN.knows(fingerprint)) {
    return reject(
      'unknown-schema',
      `Expected header ${HEADER_FINGERPRINT} to be ${SCAN.fingerprint}, got ${short(fingerprint)}`,
    );
  }
  try {
    const { startedAt, endedAt, ...rest } = SCAN.decode(record.value, fingerprint) as WireScan;
    const scan = { ...rest, startedAtMs: startedAt, endedAtMs: endedAt };
    return checkBounds(scan, record) ?? scan;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return reject(
      'malformed-avro',
      `Expected ${record.value.length} bytes to decode as ${SCAN.name}: ${short(what)}`,
    );
  }
}

/** Text from the wire goes into logs and screens: bounded, and on one line. */
const short = (text: string) => JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
