import type { SourceRecord } from '../messages/record.ts';
import { type Reject, reject } from '../messages/reject.ts';
import type { Scan } from '../messages/scan.ts';
import { parseJsonScan } from './json-scan.ts';

export const JSON_CONTENT_TYPE = 'application/json';

/**
 * A record whose value is a scan in JSON. The sample is the record's key where it is not named, the run is the sample's
 * alone, the times are the record's.
 */
export function decodeJsonRecord(
  value: Buffer,
  record: Pick<SourceRecord, 'key' | 'timestampMs'>,
): Scan | Reject {
  const bad = (detail: string): Reject => reject('malformed-json', detail);
  const read = parseJsonScan(value.toString('utf8'));
  if (typeof read === 'string') return bad(read);
  const { scanId } = read;
  if (scanId === null) return bad('Expected scanId to be a text that no other scan has, got nothing');
  const sampleId = read.sampleId ?? record.key?.toString('utf8') ?? null;
  if (sampleId === null) return bad('Expected sampleId or the record key to name the sample, got neither');
  const endedAtMs = read.endedAtMs ?? Math.round(record.timestampMs);
  return {
    ...read,
    scanId,
    sampleId,
    runId: read.runId ?? sampleId,
    startedAtMs: read.startedAtMs ?? endedAtMs,
    endedAtMs,
    origin: read.origin ?? 'LIVE',
  };
}
