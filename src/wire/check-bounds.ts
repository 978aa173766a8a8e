import type { SourceRecord } from '../messages/record.ts';
import { type Reject, reject } from '../messages/reject.ts';
import { SCAN_BOUNDS as BOUNDS, type Scan } from '../messages/scan.ts';

/** Null where the names, the metadata and the times of a decoded scan are within SCAN_BOUNDS; else which is not. */
export function checkBounds(scan: Scan, { key }: Pick<SourceRecord, 'key'>): Reject | null {
  if (key !== null && key.length > BOUNDS.keyBytes) {
    return tooLong('the record key', `${BOUNDS.keyBytes} bytes`, key.length);
  }
  for (const name of ['scanId', 'runId', 'sampleId', 'beamline'] as const) {
    const { length } = scan[name];
    if (length > BOUNDS.idLength) return tooLong(name, `${BOUNDS.idLength} characters`, length);
  }
  for (const name of ['element', 'edge'] as const) {
    const { length } = scan[name];
    if (length > BOUNDS.symbolLength) return tooLong(name, `${BOUNDS.symbolLength} characters`, length);
  }
  const entries = Object.entries(scan.metadata);
  if (entries.length > BOUNDS.metadataEntries) {
    return tooLong('metadata', `${BOUNDS.metadataEntries} entries`, entries.length);
  }
  const length = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (length > BOUNDS.metadataLength) {
    return tooLong('metadata', `${BOUNDS.metadataLength} characters in all`, length);
  }
  for (const name of ['startedAtMs', 'endedAtMs'] as const) {
    const atMs = scan[name];
    if (atMs >= BOUNDS.earliestMs && atMs < BOUNDS.latestMs) continue;
    return reject(
      'time-out-of-range',
      `Expected ${name.replace(/Ms$/, '')} to be ms since 1970 and before 2100, got ${atMs}`,
    );
  }
  return null;
}

const tooLong = (name: string, most: string, got: number): Reject =>
  reject('field-too-long', `Expected ${name} to have at most ${most}, got ${got}`);
