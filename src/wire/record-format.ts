import type { SourceRecord } from '../messages/record.ts';
import { type Reject, reject } from '../messages/reject.ts';
import { frameId, isConfluent } from './confluent-frame.ts';
import { JSON_CONTENT_TYPE } from './decode-json-record.ts';
import { short } from './short.ts';
import { CONTENT_TYPE, HEADER_CONTENT_TYPE } from './wire-type.ts';

/** How the value of a record of the scans topic is written. */
export type RecordFormat = 'avro' | 'confluent' | 'json';

/** Ours, and the names that other ecosystems give to Avro's binary encoding. */
const AVRO_CONTENT_TYPES: ReadonlySet<string> = new Set([
  CONTENT_TYPE,
  'avro/binary',
  'application/vnd.apache.avro+binary',
]);

/**
 * By the content type where a record says one. A record that says none is plain Avro; where a schema registry is in
 * use it is Confluent's wire format if it begins as that does.
 */
export function recordFormat(
  { value, headers }: Pick<SourceRecord, 'value' | 'headers'>,
  hasRegistry: boolean,
): RecordFormat | Reject {
  const contentType = headers[HEADER_CONTENT_TYPE]?.toString();
  if (contentType === undefined)
    return hasRegistry && value !== null && frameId(value) !== null ? 'confluent' : 'avro';
  if (AVRO_CONTENT_TYPES.has(contentType)) return 'avro';
  if (isConfluent(contentType)) return 'confluent';
  if (/^application\/json *(;|$)/i.test(contentType)) return 'json';
  return reject(
    'unknown-content-type',
    `Expected header ${HEADER_CONTENT_TYPE} to be ${CONTENT_TYPE} or ${JSON_CONTENT_TYPE}, got ${short(contentType)}`,
  );
}
