import type { ScanRow } from '../../../protocol/events.ts';
import { axisTime } from './row-times.ts';
import { chosenRows, type State } from './store.ts';

/** What is drawn along the axis that all timelines share. */
export type AxisRows = {
  readonly rows: readonly ScanRow[];
  /** Places of the rows, increasing: s since 1970, or scan numbers. */
  readonly xs: readonly number[];
  /** Ends of what is shown. */
  readonly range: readonly [from: number, to: number];
};

/** The chosen sample's rows along the axis that was chosen; scan numbers count within one run, the newest row's. */
export function axisRows(state: State): AxisRows {
  const { axis, zoom, windowMs } = state.choice;
  const all = chosenRows(state);
  const rows = axis === 'time' ? all : numbered(all);
  const xs = rows.map(axis === 'time' ? (row) => axisTime(row) / 1000 : ({ sequence }) => sequence);
  const last = xs.at(-1) ?? (axis === 'time' ? Date.now() / 1000 : 0);
  const first = xs[0] ?? last - 60;
  if (zoom) return { rows, xs, range: zoom };
  const isLong = windowMs === null || axis === 'scan';
  const begin = isLong ? first : Math.max(first, last - windowMs / 1000);
  const span = Math.max(last - begin, 1);
  return { rows, xs, range: [last - span * 1.01, last + span * 0.015] };
}

/** Of one run in the order of their numbers, each number once. */
function numbered(all: readonly ScanRow[]): readonly ScanRow[] {
  const runId = all.at(-1)?.runId;
  const ofRun = all.filter((row) => row.runId === runId).sort((a, b) => a.sequence - b.sequence);
  return ofRun.filter(({ sequence }, i) => sequence !== ofRun[i - 1]?.sequence);
}
