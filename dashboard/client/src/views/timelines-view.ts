import type uPlot from 'uplot';
import type { ScanRow } from '../../../protocol/events.ts';
import { nearestTo } from '../charts/shared-axis.ts';
import { type TimelinePoint, timelineChart } from '../charts/timeline-chart.ts';
import { marksOf } from '../state/axis-marks.ts';
import { type AxisRows, axisRows } from '../state/axis-rows.ts';
import type { AxisKind } from '../state/choice.ts';
import type { Store } from '../state/store.ts';
import { h } from './dom.ts';
import { drawTrackValue, makeTrack, type Track } from './track.ts';
import { pointOf, type Quantity } from './track-points.ts';

export type TimelinesView = {
  /** The oxidation state, with the axis. */
  readonly element: HTMLElement;
  /** The other descriptors and the noise. */
  readonly descriptors: HTMLElement;
  /** What the beamline recorded with the scans. */
  readonly conditions: HTMLElement;
  draw(): void;
  /** After a change of theme or size everything is drawn anew. */
  reset(): void;
};

const READINGS = ['OS', 'CN', 'CN2', 'OCN', 'PSGO', 'NNRS', 'MOOD', 'NNOSM'] as const;
/** A quarter of a neighbour is no mark to read a count by; of a mean oxidation state tenths are. */
const COUNTS = [0.5, 1, 2, 5, 10, 20, 50];
const STEPS: Readonly<Record<string, readonly number[]>> = {
  OS: [0.1, 0.2, ...COUNTS],
  CN: COUNTS,
  CN2: COUNTS,
  OCN: COUNTS,
  PSGO: COUNTS,
};
export const SYNC_KEY = 'timelines';

/** Small multiples of one sample on a shared axis; one cursor goes through all, a click chooses a scan. */
export function timelinesView(store: Store): TimelinesView {
  const { state } = store;
  const readings = READINGS.map((name) => makeTrack({ kind: 'reading', name }));
  const noise = makeTrack({ kind: 'noise', name: 'noise' });
  const [state0, ...others] = readings;
  const recorded = new Map<string, Track>();
  const tracks = () => [...readings, noise, ...recorded.values()];
  const element = box('timelines', 'Mean oxidation state of the chosen sample', [state0!]);
  const descriptors = box('timelines-more', 'Other descriptors', [...others, noise]);
  const conditions = box('timelines-more', 'What was recorded with the scans', []);
  let shown: AxisRows = { rows: [], xs: [], range: [0, 1] };
  let axis: AxisKind = state.choice.axis;
  let hovered: number | null = null;
  let drawnFor: unknown[] = [];
  const sizes = new ResizeObserver(() => {
    drawnFor = [];
    for (const { chart, cell } of tracks())
      if (chart && cell.clientWidth > 20)
        chart.plot.setSize({ width: cell.clientWidth, height: cell.clientHeight });
    draw();
  });
  for (const each of [element, descriptors, conditions]) sizes.observe(each);

  function box(kind: string, name: string, inside: readonly Track[]): HTMLElement {
    return h(
      'div',
      {
        class: kind,
        tabindex: '0',
        role: 'group',
        'aria-label': `${name}. Left and right arrow choose a scan, Home the first, End or F the newest.`,
        keydown: onKey as (event: never) => void,
      },
      ...inside.map(({ row }) => row),
    );
  }

  /** Charts are made when their tracks are first seen: who never opens a tab pays nothing for it. */
  function build(): void {
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    for (const track of tracks()) {
      const { clientWidth: width, clientHeight: height } = track.cell;
      if (track.chart !== null || width < 20 || height < 20) continue;
      const { kind, name } = track.quantity;
      track.chart = timelineChart({
        into: track.cell,
        width,
        height,
        rem,
        axis,
        withAxis: track === state0,
        fromZero: kind === 'noise',
        ...(STEPS[name] && { steps: STEPS[name]! }),
        syncKey: SYNC_KEY,
        onZoom: (from, to) => store.choose({ zoom: [from, to] }),
      });
      const { over } = track.chart.plot;
      over.addEventListener('click', () => hovered !== null && choose(hovered));
      over.addEventListener('dblclick', () => store.choose({ zoom: null }));
      over.addEventListener('mouseleave', () => hover(null));
      track.chart.plot.hooks.setCursor = [
        (u: uPlot) =>
          hover(u.cursor.left! >= 0 ? nearestTo(shown.xs, u.posToVal(u.cursor.left!, 'x')) : null),
      ];
    }
  }

  function hover(index: number | null): void {
    if (hovered === index) return;
    hovered = index;
    drawValues();
  }

  function choose(index: number): void {
    const { rows } = shown;
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))];
    if (row) store.choose({ scanId: row.scanId });
  }

  function onKey(event: KeyboardEvent): void {
    const at = chosenIndex() ?? shown.rows.length - 1;
    const steps: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => choose(at - 1),
      ArrowRight: () => choose(at + 1),
      Home: () => choose(0),
      End: () => store.follow(),
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    step();
  }

  function chosenIndex(): number | null {
    const { scanId } = state.choice;
    const at = scanId === null ? -1 : shown.rows.findLastIndex((row) => row.scanId === scanId);
    return at < 0 ? null : at;
  }

  /** Rows never change, so their points are worked out once; at 100 scans a second all others would be done again. */
  const pointsOf = new WeakMap<ScanRow, Map<string, TimelinePoint>>();
  function points(quantity: Quantity): TimelinePoint[] {
    const key = `${quantity.kind} ${quantity.name}`;
    return shown.rows.map((row) => {
      const held = pointsOf.get(row) ?? new Map<string, TimelinePoint>();
      pointsOf.set(row, held);
      const point = held.get(key) ?? pointOf(row, quantity);
      held.set(key, point);
      return point;
    });
  }

  function draw(): void {
    const { choice } = state;
    const next = axisRows(state);
    const { rows } = next;
    const marked = [
      state.changes.length,
      state.changes.at(-1),
      state.annotations.length,
      state.annotations.at(-1),
    ];
    const now = [
      rows[0],
      rows.length,
      rows.at(-1),
      choice.scanId,
      choice.tab,
      choice.axis,
      ...next.range,
      ...marked,
    ];
    if (now.length === drawnFor.length && now.every((value, i) => value === drawnFor[i])) return;
    drawnFor = now;
    shown = next;
    if (choice.axis !== axis) {
      axis = choice.axis;
      destroy();
    }
    element.dataset.scans = String(rows.length);
    findRecorded();
    showTracks();
    build();
    const picked = chosenIndex();
    const [min, max] = shown.range;
    for (const { chart, quantity, cell } of tracks()) {
      if (!chart || cell.clientWidth < 20) continue;
      chart.setPoints(points(quantity), shown.xs, picked);
      if (quantity === state0!.quantity) chart.setMarks(marksOf(state, shown));
      chart.plot.batch(() => chart.plot.setScale('x', { min, max }));
    }
    drawValues();
  }

  /** A track for each condition of these scans. */
  function findRecorded(): void {
    const names = new Set(shown.rows.flatMap(({ conditions: found = {} }) => Object.keys(found)));
    if (names.size === recorded.size && [...names].every((name) => recorded.has(name))) return;
    for (const { chart, row } of recorded.values()) {
      chart?.plot.destroy();
      row.remove();
    }
    recorded.clear();
    for (const name of [...names].sort()) recorded.set(name, makeTrack({ kind: 'condition', name }));
    conditions.append(...[...recorded.values()].map(({ row }) => row));
  }

  /** Tracks of what the sample's scans have: oxygen has other descriptors than the rest. */
  function showTracks(): void {
    let changed = false;
    for (const { quantity, row } of others) {
      const hidden =
        shown.rows.length === 0
          ? quantity.name === 'NNOSM' // of oxygen alone
          : points(quantity).every(({ value }) => value === null);
      changed ||= row.hidden !== hidden;
      row.hidden = hidden;
    }
    if (!changed) return;
    for (const { chart, cell } of tracks())
      if (chart && cell.clientWidth > 20)
        chart.plot.setSize({ width: cell.clientWidth, height: cell.clientHeight });
  }

  /** The figures at the right edge: of the scan under the cursor, the chosen one, or the newest. */
  function drawValues(): void {
    const row = shown.rows[hovered ?? chosenIndex() ?? shown.rows.length - 1];
    for (const each of [element, descriptors, conditions])
      each.classList.toggle('pointing', hovered !== null);
    for (const track of tracks()) drawTrackValue(track, row);
  }

  function destroy(): void {
    for (const track of tracks()) {
      track.chart?.plot.destroy();
      track.chart = null;
    }
    drawnFor = [];
  }

  return {
    element,
    descriptors,
    conditions,
    draw,
    reset() {
      destroy();
      draw();
    },
  };
}
