import type { ScanRow } from '../../../protocol/events.ts';
import { axisTime } from './row-times.ts';

const HISTORY_ROWS = 2_000;

/** Rows of one sample that the page holds. */
export type History = {
  readonly rows: ScanRow[]; // oldest first, by axisTime
  readonly scanIds: Set<string>;
  state: 'loading' | 'complete';
};

/**
 * Keeps rows in the order of their times, each scan once; nearly all arrive in order, so the place is looked for from
 * the end. `chosen` stays when rows are thinned.
 */
export function insertRow(history: History, row: ScanRow, chosen: ScanRow | null): void {
  const { rows, scanIds } = history;
  if (scanIds.has(row.scanId)) return;
  scanIds.add(row.scanId);
  let at = rows.length;
  while (at > 0 && axisTime(rows[at - 1]!) > axisTime(row)) at--;
  rows.splice(at, 0, row);
  if (rows.length > HISTORY_ROWS) thin(history, chosen);
}

/**
 * Keeps the newest quarter whole, and of the rest rows at even distances in time: the page is bounded, and its
 * timelines reach back to the beginning.
 */
function thin({ rows, scanIds }: History, chosen: ScanRow | null): void {
  const older = rows.length - HISTORY_ROWS / 4;
  const first = axisTime(rows[0]!);
  const distance = (axisTime(rows[older - 1]!) - first) / (HISTORY_ROWS / 2);
  let due = first;
  const kept = rows.slice(0, older).filter((row) => {
    if (row.scanId === chosen?.scanId) return true;
    if (axisTime(row) < due) {
      scanIds.delete(row.scanId);
      return false;
    }
    due = axisTime(row) + distance;
    return true;
  });
  rows.splice(0, older, ...kept);
}
