import type { SourceRecord } from '../src/messages/record.ts';
import type { Scan } from '../src/messages/scan.ts';
import { encodeScan } from '../src/wire/scan-codec.ts';

/** The record of a scan as it would be fetched from partition 0. */
export function benchRecord(scan: Scan, offset: number): SourceRecord {
  const { value, headers } = encodeScan(scan);
  return {
    topic: 'scans',
    partition: 0,
    offset: BigInt(offset),
    timestampMs: scan.startedAtMs,
    key: Buffer.from(scan.sampleId),
    value,
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
    receivedAtMs: scan.startedAtMs,
  };
}
