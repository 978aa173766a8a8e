import type { ScanRow } from '../../../protocol/events.ts';

/** Where the scan stands on the time axis, ms since 1970. */
export const axisTime = (row: ScanRow): number => row.endedAt ?? row.publishedAt;

const RECORDING_AGE_MS = 10 * 60_000;

/**
 * Whether the scan carries the times of an old recording that is played again, so that its own times say nothing of
 * now.
 */
const isOldRecording = (row: ScanRow): boolean =>
  row.origin === 'REPLAY' && row.publishedAt - axisTime(row) > RECORDING_AGE_MS;

/** From when the age of the scan counts: the shutter, or the publishing of an old recording. */
export const freshTime = (row: ScanRow): number => (isOldRecording(row) ? row.publishedAt : axisTime(row));

/** From when its way to the browser is measured; null where the shutter's time is not known or is a recording's. */
export const shutterTime = (row: ScanRow): number | null => (isOldRecording(row) ? null : row.endedAt);
