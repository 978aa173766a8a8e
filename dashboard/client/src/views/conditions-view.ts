import { readingOf } from '../../../../src/messages/scan-reading.ts';
import { type ScatterChart, type ScatterPoint, scatterChart } from '../charts/scatter-chart.ts';
import { axisRows } from '../state/axis-rows.ts';
import type { Store } from '../state/store.ts';
import { h, show } from './dom.ts';
import { conditionOf } from './track-points.ts';

export type ConditionsView = { readonly element: HTMLElement; draw(): void; reset(): void };

type Scatter = { readonly figure: HTMLElement; readonly plot: HTMLElement; chart: ScatterChart | null };

/** What was recorded with the scans: on the shared axis, and beneath against the mean oxidation state. */
export function conditionsView(store: Store, tracks: HTMLElement): ConditionsView {
  const { state } = store;
  const empty = h(
    'p',
    { class: 'empty' },
    'No numbers were recorded with these scans. Those in the metadata of a scan, such as potential, current, temperature and pressure, appear here.',
  );
  const strip = h('div', { class: 'scatters' });
  const element = h('div', { class: 'conditions' }, empty, tracks, strip);
  const scatters = new Map<string, Scatter>();
  let drawnFor: unknown[] = [];

  function draw(): void {
    const { rows, xs, range } = axisRows(state);
    const { scanId } = state.choice;
    const now = [rows[0], rows.length, rows.at(-1), scanId, ...range];
    if (now.length === drawnFor.length && now.every((value, i) => value === drawnFor[i])) return;
    drawnFor = now;
    const seen = rows.filter((_, i) => xs[i]! >= range[0] && xs[i]! <= range[1]);
    const names = [...new Set(rows.flatMap(({ conditions = {} }) => Object.keys(conditions)))].sort();
    show(empty, names.length === 0);
    for (const [name, { chart, figure }] of scatters) {
      if (names.includes(name)) continue;
      chart?.destroy();
      figure.remove();
      scatters.delete(name);
    }
    for (const name of names) {
      const scatter = scatters.get(name) ?? makeScatter(name);
      if (scatter.plot.clientWidth < 20) continue;
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      scatter.chart ??= scatterChart(scatter.plot, rem);
      scatter.chart.set(
        seen.flatMap((row): ScatterPoint[] => {
          const x = conditionOf(row, name);
          const { value = null, verdict = 'REJECT' } = readingOf(row, 'OS') ?? {};
          return x === null || value === null
            ? []
            : [{ x, y: value, verdict, chosen: row.scanId === scanId }];
        }),
      );
    }
  }

  function makeScatter(name: string): Scatter {
    const plot = h('div', { class: 'scatter-plot' });
    const figure = h('figure', {}, plot, h('figcaption', { dir: 'auto' }, `OS against ${name}`));
    strip.append(figure);
    const made: Scatter = { figure, plot, chart: null };
    new ResizeObserver(() => plot.clientWidth > 20 && made.chart?.resize()).observe(plot);
    scatters.set(name, made);
    return made;
  }

  return {
    element,
    draw,
    reset() {
      for (const each of scatters.values()) {
        each.chart?.destroy();
        each.chart = null;
      }
      drawnFor = [];
      draw();
    },
  };
}
