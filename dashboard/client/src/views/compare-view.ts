import { type CompareChart, type Compared, compareChart } from '../charts/compare-chart.ts';
import { type ResidualChart, residualChart } from '../charts/residual-chart.ts';
import { chosenRow } from '../state/chosen-row.ts';
import { linearCombination } from '../state/linear-combination.ts';
import type { Spectra } from '../state/spectra.ts';
import type { Spectrum } from '../state/spectrum.ts';
import type { Store } from '../state/store.ts';
import { formatTime } from '../words/format.ts';
import { h, setAttribute, setText, show } from './dom.ts';
import { lineOfShares } from './shares-table.ts';
import { zoomButton } from './zoom-button.ts';

export type CompareView = { readonly element: HTMLElement; draw(): void; reset(): void };

const OFFSET_STEP = 0.05;

/** Scans and samples over each other, and the shown scan as a mixture of the pinned ones. */
export function compareView(store: Store, spectra: Spectra): CompareView {
  const { state } = store;
  const offset = h('input', {
    type: 'range',
    min: '0',
    max: '0.6',
    step: String(OFFSET_STEP),
    'aria-label': 'Offset between spectra, edge steps',
    input: () => store.choose({ offset: Number(offset.value) }),
  });
  const zoom = zoomButton('Zoomed', () => store.choose({ energyZoom: null }));
  const plot = h('div', { class: 'compare-plot' });
  const list = h('ul', { class: 'pins' });
  const empty = h(
    'p',
    { class: 'empty' },
    'Nothing is pinned. “Pin” beside a scan keeps it here, of any sample; two or more are also tried as what the shown scan is a mixture of.',
  );
  const shares = h('tbody', {});
  const fit = h('p', { class: 'dim' });
  const left = h('div', { class: 'residual-plot' });
  const mixture = h(
    'div',
    {},
    h(
      'table',
      { class: 'values shares' },
      h('caption', {}, 'The shown scan as a mixture of the pinned ones'),
      h('thead', {}, h('tr', {}, ...['pinned', 'share'].map((text) => h('th', { scope: 'col' }, text)))),
      shares,
    ),
    h('figcaption', { class: 'dim' }, 'What the mixture leaves over; band: ± σ'),
    left,
    fit,
  );
  const body = h(
    'div',
    {},
    h(
      'div',
      { class: 'compare-head' },
      h('label', { class: 'dim' }, 'Offset ', offset),
      zoom,
      h('button', { class: 'quiet', click: () => store.choose({ pins: [] }) }, 'Unpin all'),
    ),
    plot,
    list,
    mixture,
  );
  const element = h('div', { class: 'compare' }, empty, body);
  let chart: CompareChart | null = null;
  let rest: ResidualChart | null = null;
  let drawnFor: unknown[] = [];
  /** What was shown last. */
  let before: Spectrum | null = null;
  new ResizeObserver(() => {
    if (plot.clientWidth < 20) return;
    rest?.resize();
    if (chart) chart.resize();
    else draw();
  }).observe(plot);
  const zoomTo = (from: number, to: number) => store.choose({ energyZoom: [from, to] });

  function draw(): void {
    const { pins, energyZoom } = state.choice;
    show(empty, pins.length === 0);
    show(body, pins.length > 0);
    if (pins.length === 0) return;
    const newest = chosenRow(state)?.scanId;
    const shown = shownOf(newest);
    const beside = [shown, newest].filter((id) => id !== undefined);
    const ids = [...new Set([...pins, ...beside])];
    spectra.want('compare', ids);
    const found = ids.map((id) => spectra.get(id));
    const now = [...ids, ...found, shown, state.choice.offset, energyZoom];
    if (chart && now.length === drawnFor.length && now.every((value, i) => value === drawnFor[i])) return;
    if (!chart && plot.clientWidth < 20) return;
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    chart ??= compareChart(plot, rem, zoomTo);
    drawnFor = now;
    offset.value = String(state.choice.offset);
    show(zoom, energyZoom !== null);
    const isShown = (each: Spectrum) => pins.includes(each.scanId) || each.scanId === shown;
    const held = found.filter((each): each is Spectrum => typeof each === 'object' && isShown(each));
    chart.set(
      held.map((each) => comparedOf(each, held, shown)),
      state.choice.offset,
      energyZoom,
    );
    drawList(pins);
    drawMixture(
      held.filter(({ scanId }) => pins.includes(scanId)),
      held.find(({ scanId }) => scanId === shown),
    );
  }

  /** While the spectrum of the newest is on its way, the one before it stays: else it would blink at every scan. */
  function shownOf(newest: string | undefined): string | undefined {
    const held = newest === undefined ? 'gone' : spectra.get(newest);
    if (typeof held === 'object') before = held;
    const { scanId, sampleId } = state.choice;
    const waits = held === undefined && scanId === null && before?.sampleId === sampleId;
    return waits ? before?.scanId : newest;
  }

  function drawList(pins: readonly string[]): void {
    const key = pins.map((id) => `${id} ${typeof spectra.get(id)}`).join('\n');
    if (list.dataset.key === key) return;
    list.dataset.key = key;
    list.replaceChildren(
      ...pins.map((id) => {
        const held = spectra.get(id);
        const text =
          held === undefined
            ? 'on its way …'
            : held === 'gone'
              ? `${id}: Redis no longer holds this spectrum`
              : `${held.element} ${held.sampleId}, scan ${held.sequence}, ${formatTime(held.atMs, Date.now())}`;
        const away = h('button', { class: 'quiet', title: 'Unpin', click: () => store.pin(id) }, '✕');
        away.setAttribute('aria-label', `Unpin ${text}`);
        return h('li', { dir: 'auto' }, away, h('span', {}, text));
      }),
    );
  }

  function drawMixture(pinned: readonly Spectrum[], scan: Spectrum | undefined): void {
    const same = pinned.filter((each) => each.element === scan?.element && each.scanId !== scan?.scanId);
    const found = scan && same.length > 1 ? linearCombination(scan, same, scan.noiseSigma) : null;
    show(mixture, found !== null);
    setAttribute(mixture, 'data-fit', found ? found.shares.map((share) => share.toFixed(3)).join(' ') : '');
    if (!found || !scan) return;
    shares.replaceChildren(
      ...same.map((each, i) => lineOfShares(each, found.shares[i]!, found.uncertainties[i]!)),
    );
    const { energyEv, residual } = found;
    rest ??= residualChart(
      left,
      Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
      zoomTo,
    );
    rest.set(
      energyEv,
      residual,
      scan.noiseSigma,
      state.choice.energyZoom ?? [energyEv[0]!, energyEv.at(-1)!],
    );
    const size = Math.sqrt(residual.reduce((sum, value) => sum + value * value, 0) / residual.length);
    setText(
      fit,
      `Residual ${size.toFixed(4)} of the edge step a point, noise ${scan.noiseSigma.toFixed(4)}; R-factor ` +
        `${found.rFactor.toExponential(1)}. ± is of the scan's noise alone.`,
    );
  }

  function comparedOf(spectrum: Spectrum, all: readonly Spectrum[], shown: string | undefined): Compared {
    const several = new Set(all.map(({ sampleId }) => sampleId)).size > 1;
    const label = `${several ? `${spectrum.sampleId.slice(-9)} ` : ''}${spectrum.sequence}`;
    return { label, curve: spectrum, strong: spectrum.scanId === shown };
  }

  return {
    element,
    draw,
    reset() {
      chart?.destroy();
      rest?.destroy();
      chart = null;
      rest = null;
      drawnFor = [];
      draw();
    },
  };
}
