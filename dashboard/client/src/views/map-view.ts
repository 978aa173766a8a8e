import { DESCRIPTOR_NAMES, type DescriptorName } from '../../../../src/messages/descriptor-names.ts';
import { headline } from '../../../../src/messages/scan-reading.ts';
import type { ScanRow, TrainingMap } from '../../../protocol/events.ts';
import { shadeOf } from '../charts/colours.ts';
import { type MapChart, type MapDots, type MapEnds, type MapMark, mapChart } from '../charts/map-chart.ts';
import { axisRows } from '../state/axis-rows.ts';
import { MAP_VIEWS } from '../state/choice.ts';
import { chosenRow } from '../state/chosen-row.ts';
import { type MapShades, mapLabels, mapShades } from '../state/map-shades.ts';
import type { Store } from '../state/store.ts';
import type { TrainingMaps } from '../state/training-maps.ts';
import { formatNumber } from '../words/format.ts';
import { mapWords } from '../words/map-words.ts';
import { h, setAttribute, setText, show } from './dom.ts';

export type MapView = { readonly element: HTMLElement; draw(): void; reset(): void };

const VIEW_WORDS = { whole: 'Whole map', near: 'Near these scans' } as const;
/** What is seen near scans that lie at one place, in units of the map. */
const LEAST_WIDTH = 2;

/** The model's training spectra, like beside like, and the chosen sample's scans among them. */
export function mapView(store: Store, maps: TrainingMaps): MapView {
  const { state } = store;
  const by = h('select', {
    'aria-label': 'Coloured by',
    change: () => store.choose({ mapBy: by.value as DescriptorName }),
  });
  const views = MAP_VIEWS.map((mapView) => ({
    mapView,
    button: h('button', { class: 'quiet', click: () => store.choose({ mapView }) }, VIEW_WORDS[mapView]),
  }));
  const legend = h('ul', { class: 'map-legend', 'aria-label': 'Colours' });
  const plot = h('div', { class: 'map-plot', role: 'img', 'aria-label': 'Map of training spectra' });
  const words = h('p', { class: 'map-words' });
  const head = h(
    'div',
    { class: 'map-head' },
    h('label', {}, 'Coloured by ', by),
    h(
      'div',
      { class: 'segments', role: 'group', 'aria-label': 'Part of the map' },
      ...views.map(({ button }) => button),
    ),
    legend,
  );
  const element = h('div', { class: 'map' }, head, words, plot);
  let chart: MapChart<ScanRow> | null = null;
  /** Of the last picture: made anew where the map, the element or the descriptor is another. */
  let painted: { readonly key: readonly unknown[]; readonly dots: MapDots; readonly whole: MapEnds } | null =
    null;
  new ResizeObserver(() => plot.clientWidth > 20 && chart?.resize()).observe(plot);
  plot.addEventListener('click', ({ offsetX, offsetY }) => {
    const row = chart?.at(offsetX, offsetY);
    if (row) store.choose({ scanId: row.scanId });
  });

  function draw(): void {
    const row = chosenRow(state);
    const map = row ? maps.of(row.modelHash) : undefined;
    for (const each of [head, plot]) show(each, Boolean(map));
    for (const { mapView, button } of views)
      setAttribute(button, 'aria-pressed', String(state.choice.mapView === mapView));
    if (!row || !map) {
      const none = map === null ? `This server has no map of the model ${row?.model}.` : 'Fetching the map …';
      setText(words, row ? none : '');
      return;
    }
    const { dots, whole } = paintedFor(map, row.element);
    if (!chart) {
      if (plot.clientWidth < 20) return;
      chart = mapChart(plot, Number.parseFloat(getComputedStyle(document.documentElement).fontSize));
      chart.resize();
    }
    const { rows, xs, range } = axisRows(state);
    const seen = rows.filter(
      (each, i) => xs[i]! >= range[0] && xs[i]! <= range[1] && each.modelHash === row.modelHash,
    );
    const marks = seen.flatMap((each): MapMark<ScanRow>[] => {
      if (!each.mapPosition) return [];
      const [x, y] = each.mapPosition;
      return [{ x, y, verdict: headline(each)?.verdict ?? 'REJECT', of: each }];
    });
    const said = mapWords(seen);
    setText(words, said);
    setAttribute(plot, 'aria-label', `Map of training spectra. ${said}`);
    const newest = seen.at(-1) ?? null;
    const chosen = state.choice.scanId === null ? null : row;
    const isNear = marks.length > 0 && state.choice.mapView === 'near';
    chart.set({ dots, marks, special: { newest, chosen }, ends: isNear ? endsOf(marks) : whole });
  }

  function paintedFor(map: TrainingMap, absorber: string) {
    const labels = mapLabels(map, absorber);
    const names = DESCRIPTOR_NAMES.filter((name) => labels.includes(name));
    const { mapBy } = state.choice;
    const descriptor = names.includes(mapBy) ? mapBy : (names[0] ?? mapBy);
    const key = [map, absorber, descriptor];
    if (painted && key.every((value, i) => value === painted!.key[i])) return painted;
    by.replaceChildren(...names.map((name) => h('option', { value: name }, name)));
    by.value = descriptor;
    const own = map.elements.indexOf(absorber);
    const shades = mapShades(map, absorber, descriptor);
    const dots = { x: map.x, y: map.y, shades: shades.shades, isOwn: (i: number) => map.element[i] === own };
    legend.replaceChildren(...swatches(shades));
    painted = { key, dots, whole: endsOf(map.x.map((x, i) => ({ x, y: map.y[i]! }))) };
    return painted;
  }

  return {
    element,
    draw,
    reset() {
      chart?.canvas.remove();
      chart = null;
      painted = null;
      draw();
    },
  };
}

function swatches({ legend }: MapShades): HTMLElement[] {
  const swatch = ({ value, shade }: MapShades['legend'][number]) => {
    const dot = h('span', { class: 'swatch', 'aria-hidden': 'true' });
    dot.style.background = shadeOf(shade);
    return h('li', {}, dot, formatNumber(value, 3));
  };
  return [...legend.map(swatch), h('li', { class: 'dim' }, 'grey: not known, or another element')];
}

/** What the points span, and a little more. */
function endsOf(points: readonly { readonly x: number; readonly y: number }[]): MapEnds {
  const ends = (values: readonly number[]): readonly [number, number] => {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const half = Math.max(0.55 * (most - least), LEAST_WIDTH / 2);
    return [(least + most) / 2 - half, (least + most) / 2 + half];
  };
  return [ends(points.map(({ x }) => x)), ends(points.map(({ y }) => y))];
}
