import type { ScanRow } from '../../../protocol/events.ts';
import { onEnergies } from '../charts/on-energies.ts';
import { nearestTo } from '../charts/shared-axis.ts';
import { type Column, type WaterfallChart, waterfallChart } from '../charts/waterfall-chart.ts';
import { axisRows } from '../state/axis-rows.ts';
import type { AxisKind } from '../state/choice.ts';
import { columnsOf } from '../state/columns.ts';
import type { Spectra } from '../state/spectra.ts';
import type { Spectrum } from '../state/spectrum.ts';
import type { Store } from '../state/store.ts';
import { h, setAttribute, setText, show } from './dom.ts';
import { SYNC_KEY } from './timelines-view.ts';

export type SpectraView = { readonly element: HTMLElement; draw(): void; reset(): void };

const MOST_COLUMNS = 96;

/** Energy by time of the chosen sample, beneath its mean oxidation state and on the same axis. */
export function spectraView(store: Store, spectra: Spectra): SpectraView {
  const { state } = store;
  const cell = h('div', { class: 'track-plot' });
  const reading = h('span', { class: 'track-value' });
  const place = h('span', { class: 'track-word' });
  const scale = h('span', { class: 'scale' });
  const [least, most] = [h('span', {}), h('span', {})];
  const difference = h(
    'button',
    { class: 'quiet', click: () => store.choose({ difference: !state.choice.difference }) },
    'Difference',
  );
  const note = h('p', { class: 'note dim' });
  const element = h(
    'div',
    { class: 'timelines-more spectra' },
    h(
      'div',
      { class: 'track' },
      h(
        'div',
        { class: 'track-name' },
        h('b', {}, 'Energy', h('span', { class: 'unit' }, ' eV')),
        h('span', { class: 'track-meaning' }, 'normalised absorption'),
        difference,
      ),
      cell,
      h(
        'div',
        { class: 'track-now' },
        reading,
        h('span', { class: 'track-verdict' }, place),
        scale,
        h('span', { class: 'scale-ends dim' }, least, most),
      ),
    ),
    note,
  );
  let chart: WaterfallChart | null = null;
  let axis: AxisKind = state.choice.axis;
  let energies: readonly [number, number] = [0, 1];
  let span: readonly [number, number] = [0, 1];
  let columns: readonly (Column & { row: ScanRow; curve: Spectrum })[] = [];
  let drawnFor: unknown[] = [];
  new ResizeObserver(() => {
    if (cell.clientWidth < 20) return;
    chart?.plot.setSize({ width: cell.clientWidth, height: cell.clientHeight });
    draw();
  }).observe(cell);

  function build(): WaterfallChart | null {
    if (cell.clientWidth < 20 || cell.clientHeight < 20) return null;
    const made = waterfallChart({
      into: cell,
      rem: Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
      axis,
      syncKey: SYNC_KEY,
      energies: () => energies,
      onZoom: (from, to) => store.choose({ zoom: [from, to] }),
    });
    made.plot.over.addEventListener('click', () => {
      const found = pointed();
      if (found) store.choose({ scanId: found.row.scanId });
    });
    made.plot.over.addEventListener('dblclick', () => store.choose({ zoom: null }));
    made.plot.hooks.setCursor = [drawReading];
    return made;
  }

  function pointed() {
    const left = chart?.plot.cursor.left ?? -1;
    const at =
      left < 0
        ? null
        : nearestTo(
            columns.map(({ x }) => x),
            chart!.plot.posToVal(left, 'x'),
          );
    return at === null ? null : columns[at]!;
  }

  /** Absorption under the pointer. */
  function drawReading(): void {
    const found = pointed();
    const top = chart?.plot.cursor.top ?? -1;
    if (!found || top < 0) {
      setText(reading, '');
      setText(place, '');
      return;
    }
    const ev = chart!.plot.posToVal(top, 'y');
    const [value = Number.NaN] = onEnergies(found.curve, [ev]);
    setText(reading, Number.isNaN(value) ? '–' : value.toFixed(3));
    setText(place, `${ev.toFixed(1)} eV, scan ${found.row.sequence}`);
  }

  function draw(): void {
    const { choice } = state;
    const { rows, xs, range } = axisRows(state);
    const held = (i: number) => typeof spectra.get(rows[i]!.scanId) === 'object';
    const wanted = columnsOf(xs, range, MOST_COLUMNS, held);
    const ids = wanted.map((i) => rows[i]!.scanId);
    spectra.want('waterfall', ids);
    columns = wanted.flatMap((i) => {
      const curve = spectra.get(rows[i]!.scanId);
      return typeof curve === 'object' ? [{ x: xs[i]!, row: rows[i]!, curve }] : [];
    });
    setAttribute(difference, 'aria-pressed', String(choice.difference));
    setText(note, noteWords(rows.length, wanted.length));
    element.dataset.columns = String(columns.length);
    const [first] = columns;
    const now = [
      ...columns.map(({ row }) => row),
      choice.difference,
      choice.energyZoom,
      choice.axis,
      ...range,
    ];
    if (chart && now.length === drawnFor.length && now.every((value, i) => value === drawnFor[i])) return;
    if (choice.axis !== axis) destroy();
    axis = choice.axis;
    if (first) energies = choice.energyZoom ?? energiesOf(columns);
    chart ??= build();
    if (!chart) return;
    drawnFor = now;
    const minus = choice.difference && first ? first.curve : null;
    span = minus ? [-0.3, 0.3] : [0, highest(columns)];
    setText(least, span[0].toFixed(1));
    setText(most, span[1].toFixed(1));
    show(scale, columns.length > 0);
    const made = chart;
    made.plot.batch(() => {
      made.set(columns, minus, span);
      made.plot.setScale('x', { min: range[0], max: range[1] });
    });
  }

  function noteWords(rows: number, wanted: number): string {
    const gone = wanted - columns.length;
    const first =
      state.choice.difference && columns[0] ? ` Less scan ${columns[0].row.sequence}, the first shown.` : '';
    if (rows === 0) return '';
    if (columns.length === 0) return 'Fetching the spectra …';
    const missing = gone === 0 ? '' : `, ${gone} more on their way or no longer in Redis`;
    return `${columns.length} of ${rows} scans${missing}.${first}`;
  }

  function destroy(): void {
    chart?.plot.destroy();
    chart = null;
    drawnFor = [];
  }

  return {
    element,
    draw,
    reset() {
      destroy();
      draw();
    },
  };
}

function energiesOf(columns: readonly Column[]): readonly [number, number] {
  const firsts = columns.map(({ curve }) => curve.energyEv[0]!);
  const lasts = columns.map(({ curve }) => curve.energyEv.at(-1)!);
  return [Math.min(...firsts), Math.max(...lasts)];
}

/** The white line of most scans, so that one wild scan does not darken all others. */
function highest(columns: readonly Column[]): number {
  const tops = columns.map(({ curve }) => curve.mu.reduce((top, value) => Math.max(top, value), 0));
  return Math.max(1, tops.sort((a, b) => a - b)[Math.floor(0.9 * tops.length)] ?? 1);
}
