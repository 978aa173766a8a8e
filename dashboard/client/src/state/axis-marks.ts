import { alarmsOf } from '../../../protocol/alarms.ts';
import type { AxisMark } from '../charts/timeline-chart.ts';
import type { AxisRows } from './axis-rows.ts';
import type { State } from './store.ts';

/** Changes of the chosen sample, and what was noted of it, where they stand on the axis. */
export function marksOf(
  { choice, changes, annotations }: State,
  { rows, xs }: AxisRows,
): readonly AxisMark[] {
  const { sampleId, axis } = choice;
  const place = (atMs: number, scanId: string | null): number | null => {
    if (axis === 'time') return atMs / 1000;
    const at = rows.findIndex((row) => row.scanId === scanId);
    return at < 0 ? null : xs[at]!;
  };
  const found = [
    ...alarmsOf(
      changes.filter((change) => change.sampleId === sampleId),
      annotations,
    ).map(({ change, isOpen }) => ({
      x: place(change.firstAfter, change.scanAfter),
      sign: '▲',
      strong: isOpen,
    })),
    ...annotations
      .filter((note) => note.sampleId === sampleId && note.text !== '')
      .map((note) => ({ x: place(note.at, note.scanId), sign: '✎', strong: false })),
  ];
  return found.flatMap(({ x, ...mark }) => (x === null ? [] : [{ x, ...mark }]));
}
