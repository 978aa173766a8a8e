import { headline } from '../../../../src/messages/scan-reading.ts';
import type { DescriptorRow, ScanDetail, ScanRow } from '../../../protocol/events.ts';
import { type SpectrumChart, spectrumChart } from '../charts/spectrum-chart.ts';
import { setVerdictIcon, verdictIcon } from '../charts/verdict-icon.ts';
import { type Average, averageOf } from '../state/average.ts';
import { AVERAGES } from '../state/choice.ts';
import { chosenRow } from '../state/chosen-row.ts';
import { axisTime, shutterTime } from '../state/row-times.ts';
import type { Say } from '../state/say.ts';
import type { Spectra } from '../state/spectra.ts';
import type { Spectrum } from '../state/spectrum.ts';
import { isPreview, type Store } from '../state/store.ts';
import { adviceWords } from '../words/advice-words.ts';
import { formatDuration, formatNumber, formatTime, formatValue, withSign } from '../words/format.ts';
import { MEASURED_SIGN } from '../words/measured-words.ts';
import { ADVICE_WORDS, byVerdict, shortfall, VERDICT_WORDS, verdictReason } from '../words/verdict-words.ts';
import { h, setAttribute, setText, show } from './dom.ts';
import { meansView } from './means-view.ts';
import type { Held, ScanDetails, ScanSpectrum } from './scan-details.ts';
import { standardForm } from './standard-form.ts';
import { zoomButton } from './zoom-button.ts';

/** Scans that may come while one spectrum is fetched. */
const LOOK_BACK = 200;

export type ScanView = { readonly element: HTMLElement; draw(): void; reset(): void };

/** The chosen scan, or the newest: its spectrum, its values, what was done to it, and why it was doubted. */
export function scanView(store: Store, details: ScanDetails, spectra: Spectra, say: Say): ScanView {
  const { state } = store;
  const title = h('h2', {});
  const mode = h('span', { class: 'tag' });
  const adviceIcon = verdictIcon('ACCEPT');
  const adviceWord = h('b', {});
  const adviceReason = h('span', { class: 'advice-reason', dir: 'auto' });
  const upper = h('div', { class: 'spectrum-plot' });
  const lower = h('div', { class: 'residual-plot' });
  const gone = h(
    'p',
    { class: 'plot-note', hidden: true },
    'Redis no longer holds this spectrum: only the newest are kept. Its values are below; the spectrum is in Kafka.',
  );
  const behind = h('span', { class: 'dim' });
  const pin = h('button', { class: 'quiet', title: 'Keep this scan for comparison', click: pinShown }, 'Pin');
  const zoom = zoomButton('Zoomed', () => store.choose({ energyZoom: null }));
  const averages = AVERAGES.map((average) => {
    const title = average === 1 ? 'This scan alone' : `Mean of this and the ${average - 1} scans before it`;
    const click = () => store.choose({ average });
    return { average, button: h('button', { class: 'quiet', title, click }, String(average)) };
  });
  const why = h('ul', { class: 'why' });
  const standard = standardForm(say, () => shownId);
  const means = meansView();
  const table = h('tbody', {});
  const done = h('dl', { class: 'facts' });
  const empty = h('p', { class: 'empty' }, 'The spectrum of the newest scan appears here.');
  const body = h(
    'div',
    { class: 'scan-body' },
    h('div', { class: 'advice' }, adviceIcon, h('div', {}, adviceWord, adviceReason)),
    why,
    h(
      'figure',
      { class: 'spectrum' },
      h(
        'figcaption',
        {},
        h('span', {}, 'Normalised absorption'),
        behind,
        zoom,
        h(
          'span',
          { class: 'segments', role: 'group', 'aria-label': 'Scans that are averaged' },
          ...averages.map(({ button }) => button),
        ),
      ),
      h('div', { class: 'plot-box' }, upper, gone),
      h(
        'figcaption',
        {},
        h('span', {}, 'Residual noise'),
        h('span', { class: 'dim' }, 'band: ± σ; energy in eV'),
      ),
      lower,
    ),
    means.element,
    h(
      'table',
      { class: 'values' },
      h('caption', {}, 'If all sites are alike'),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ...['descriptor', 'value', 'probability', 'verdict'].map((text) => h('th', { scope: 'col' }, text)),
        ),
      ),
      table,
    ),
    standard,
    h('details', { class: 'done', open: true }, h('summary', {}, 'What was done to it'), done),
  );
  const element = h(
    'div',
    { class: 'scan' },
    h('div', { class: 'scan-head' }, title, mode, pin),
    empty,
    body,
  );
  let chart: SpectrumChart | null = null;
  let drawn: unknown[] = [];
  let shownId: string | null = null;
  new ResizeObserver(() => chart?.resize()).observe(upper);

  function draw(): void {
    const newest = wanted();
    const row = newest && drawable(newest);
    show(empty, row === null);
    show(body, row !== null);
    if (!row || !newest) {
      setText(title, 'Scan');
      show(mode, false);
      show(pin, false);
      return;
    }
    const previous = previousAccepted(row);
    details.want(previous ? [previous.scanId, newest.scanId] : [newest.scanId]);
    const held = details.get(row.scanId);
    const before = previous ? details.get(previous.scanId) : undefined;
    const following = state.choice.scanId === null;
    const { average, energyZoom, pins } = state.choice;
    const mean = average === 1 ? null : averageOf(repeatsOf(row, average));
    const now = [
      row.scanId,
      held,
      before,
      following,
      average,
      energyZoom,
      mean?.count,
      pins.includes(row.scanId),
    ];
    if (now.every((value, i) => value === drawn[i])) return;
    drawn = now;

    setText(title, `Scan ${row.sequence}, ${formatTime(axisTime(row), Date.now())}`);
    setAttribute(title, 'title', row.scanId);
    show(mode, true);
    show(pin, true);
    show(standard, state.mayWrite);
    shownId = row.scanId;
    setText(pin, pins.includes(row.scanId) ? 'Unpin' : 'Pin');
    setAttribute(pin, 'aria-pressed', String(pins.includes(row.scanId)));
    show(zoom, energyZoom !== null);
    for (const each of averages) setAttribute(each.button, 'aria-pressed', String(each.average === average));
    const whole = following ? 'newest' : 'chosen';
    setText(mode, isPreview(row) ? `${MEASURED_SIGN} still being measured` : whole);
    mode.classList.toggle('measured', isPreview(row));
    mode.classList.toggle('chosen', !following);
    const advice = Object.hasOwn(ADVICE_WORDS, row.advice)
      ? ADVICE_WORDS[row.advice]!
      : { word: row.advice, verdict: 'FLAG' as const };
    setVerdictIcon(adviceIcon, advice.verdict, '');
    setText(adviceWord, advice.word);

    const detail = held === 'gone' || held === undefined ? null : held.detail;
    setText(adviceReason, adviceWords(row, detail?.adviceReason ?? null));
    why.replaceChildren(
      ...doubts(row, detail),
      ...(detail?.notes ?? []).map((note) => h('li', { dir: 'auto' }, note)),
    );
    means.draw(row, detail, state.histories.get(row.sampleId)?.rows ?? []);
    drawTable(row, detail);
    drawFacts(row, detail);
    drawSpectrum(held, before === 'gone' ? undefined : before, mean);
  }

  /**
   * The wanted scan, or while its spectrum is on its way the latest before it that is here: title, values and spectrum
   * always belong to one scan, and at 100 scans a second the panel still moves.
   */
  function drawable(row: ScanRow): ScanRow {
    if (details.get(row.scanId) !== undefined) return row;
    if (state.choice.scanId !== null) return row;
    const rows = state.histories.get(row.sampleId)?.rows ?? [];
    for (let i = rows.length - 1; i >= Math.max(0, rows.length - LOOK_BACK); i--) {
      if (details.get(rows[i]!.scanId) !== undefined) return rows[i]!;
    }
    return row;
  }

  function pinShown(): void {
    if (shownId !== null) store.pin(shownId);
  }

  /** A link may name a scan that the history no longer has: its spectrum brings its row along. */
  function wanted(): ScanRow | null {
    const { scanId } = state.choice;
    if (scanId === null || state.chosenRow !== null) return chosenRow(state);
    details.want([scanId]);
    const held = details.get(scanId);
    if (held === 'gone') return chosenRow(state);
    return held?.detail.row ?? null;
  }

  /** Spectra of the scan and of those before it that were not rejected, as far as they are here. */
  function repeatsOf(row: ScanRow, most: number): readonly Spectrum[] {
    const rows = state.histories.get(row.sampleId)?.rows ?? [];
    const at = rows.findLastIndex(({ scanId }) => scanId === row.scanId);
    const repeats = rows
      .slice(0, at + 1)
      .filter((each) => each.runId === row.runId && headline(each)?.verdict !== 'REJECT')
      .slice(-most)
      .reverse();
    const ids = repeats.map(({ scanId }) => scanId);
    spectra.want('average', ids);
    return ids.flatMap((id) => {
      const found = spectra.get(id);
      return typeof found === 'object' ? [found] : [];
    });
  }

  function previousAccepted(row: ScanRow): ScanRow | null {
    const rows = state.histories.get(row.sampleId)?.rows ?? [];
    const at = rows.lastIndexOf(row);
    for (let i = (at < 0 ? rows.length : at) - 1; i >= 0; i--) {
      if (headline(rows[i]!)?.verdict === 'ACCEPT' && rows[i]!.scanId !== row.scanId) return rows[i]!;
    }
    return null;
  }

  function drawSpectrum(held: Held, before: ScanSpectrum | undefined, mean: Average | null): void {
    show(gone, held === 'gone');
    const absent = held === undefined || held === 'gone';
    for (const plot of [upper, lower]) plot.classList.toggle('faded', absent);
    const grey = before && !absent ? `grey: accepted scan ${before.detail.row.sequence}` : '';
    setText(
      behind,
      mean ? `mean of ${mean.count}, σ ${formatNumber(mean.noiseSigma, 2)}; grey: this scan` : grey,
    );
    if (absent) return;
    if (!chart) {
      if (upper.clientWidth < 20) return;
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      chart = spectrumChart(upper, lower, rem, (from, to) => store.choose({ energyZoom: [from, to] }));
    }
    const { e0Ev, coveredFromEv, coveredToEv, noiseSigma } = held.detail.preparation;
    chart.set(
      {
        curve: mean ?? held,
        behind: mean ? held : (before ?? null),
        e0Ev,
        coveredEv: [coveredFromEv, coveredToEv],
        noiseSigma: mean?.noiseSigma ?? noiseSigma,
      },
      state.choice.energyZoom,
    );
  }

  function drawTable(row: ScanRow, detail: ScanDetail | null): void {
    while (table.children.length > row.descriptors.length) table.lastElementChild!.remove();
    row.descriptors.forEach((descriptor, i) => {
      const line = table.children[i] ?? table.appendChild(valueLine());
      const [name, value, probability, verdict] = line.querySelectorAll('[data-part]');
      const more = detail?.descriptors.find((d) => d.name === descriptor.name);
      const text = formatValue(descriptor.value, descriptor.low, descriptor.high);
      const unit = more?.unit === 'angstrom' ? ' Å' : '';
      setText(name!, descriptor.name);
      setText(value!, `${descriptor.name === 'OS' ? withSign(text) : text}${unit}`);
      setText(probability!, probabilities(descriptor, more));
      setVerdictIcon(verdict!.firstElementChild as SVGSVGElement, descriptor.verdict, '');
      setText(verdict!.lastElementChild!, VERDICT_WORDS[descriptor.verdict]);
      line.classList.toggle('untrusted', descriptor.verdict === 'REJECT');
    });
  }

  function drawFacts(row: ScanRow, detail: ScanDetail | null): void {
    done.replaceChildren(
      ...facts(row, detail).flatMap(([term, text]) => [
        h('dt', { title: term, dir: 'auto' }, term),
        h('dd', { dir: 'auto' }, text),
      ]),
    );
  }

  return {
    element,
    draw,
    reset() {
      chart?.destroy();
      chart = null;
      drawn = [];
      draw();
    },
  };
}

/** Values that are not accepted, put together by reason: most scans have one reason for all. */
function doubts(row: ScanRow, detail: ScanDetail | null): HTMLElement[] {
  const means = (row.means ?? []).map((mean) => ({ ...mean, name: `mean ${mean.name}` }));
  const values = row.descriptors.map((value) => {
    const more = detail?.descriptors.find(({ name }) => name === value.name);
    return { ...value, name: `${value.name}${more ? shortfall(value.reason, more) : ''}` };
  });
  const doubted = [...means, ...values].filter(({ verdict }) => verdict !== 'ACCEPT');
  return byVerdict(doubted).map((some) => {
    const { verdict, reason } = some[0]!;
    const names = some.map(({ name }) => name).join(', ');
    return h(
      'li',
      { dir: 'auto' },
      verdictIcon(verdict, ''),
      h('span', {}, h('b', {}, `${names} ${VERDICT_WORDS[verdict]}`), `: ${verdictReason(reason)}`),
    );
  });
}

function valueLine(): HTMLTableRowElement {
  return h(
    'tr',
    {},
    h('th', { scope: 'row', 'data-part': '' }),
    h('td', { class: 'number', 'data-part': '' }),
    h('td', { class: 'probabilities', 'data-part': '' }),
    h('td', {}, h('span', { class: 'verdict-word', 'data-part': '' }, verdictIcon('ACCEPT'), h('span', {}))),
  );
}

/** The likeliest classes: `3: 92%, 4: 7%`. */
function probabilities(
  descriptor: DescriptorRow,
  more: ScanDetail['descriptors'][number] | undefined,
): string {
  if (!more) return '';
  if (more.classes.length === 0) return `${Math.round(more.level * 100)}% interval`;
  const ranked = more.classes
    .map((value, i) => ({ value, share: more.probabilities[i] ?? 0 }))
    .sort((a, b) => b.share - a.share)
    .slice(0, 2)
    .filter(({ share }, i) => i === 0 || share >= 0.005);
  if (ranked.length === 0) return formatNumber(descriptor.confidence, 2);
  return ranked.map(({ value, share }) => `${value}: ${Math.round(100 * share)}%`).join(', ');
}

function facts(row: ScanRow, detail: ScanDetail | null): readonly (readonly [string, string])[] {
  const where: (readonly [string, string])[] = [
    ['Absorber', `${row.element} ${row.edge} edge`],
    ['Run, sample', `${row.runId}, ${row.sampleId}`],
  ];
  if (!detail) return where;
  const { preparation: done, times, source } = detail;
  const ev = (value: number) => `${value.toFixed(1)} eV`;
  const shutter = shutterTime(row);
  return [
    ['E₀', ev(done.e0Ev)],
    ['Edge step', formatNumber(done.edgeStep)],
    [
      'Noise σ',
      `${formatNumber(done.noiseSigma, 2)} (before the edge ${formatNumber(done.noisePreEdge, 2)}, after ${formatNumber(done.noisePostEdge, 2)}), by ${done.noiseMethod}`,
    ],
    [
      'Lines fitted',
      `${fitted('before', done.preEdgeRangeEv)}; ${fitted('after', done.postEdgeRangeEv)}, ` +
        `degree ${done.postEdgeDegree}`,
    ],
    ['Model sees', `${done.coveredFromEv.toFixed(1)} to ${ev(done.coveredToEv)} (shaded)`],
    [
      'Novelty',
      `${formatNumber(row.outOfDistributionScore, 2)} of at most ${formatNumber(row.outOfDistributionLimit, 2)}`,
    ],
    ['Way', way(shutter, times, row)],
    ['Model', `${row.model}, bundle ${row.modelHash}, ${detail.engine}`],
    ['Source', `${source.topic}, partition ${source.partition}, offset ${source.offset}`],
    ...where,
    ...Object.entries(detail.metadata)
      .slice(0, 12)
      .map(([name, text]) => [name, text] as const),
  ];
}

function way(shutter: number | null, times: ScanDetail['times'], row: ScanRow): string {
  const computed = `computed in ${formatDuration(times.publishedAt - times.receivedAt)}`;
  const shown = `in Redis ${formatDuration(row.projectedAt - times.publishedAt)} later`;
  if (shutter === null) return `${computed}, ${shown}`;
  return `at the processor ${formatDuration(times.receivedAt - shutter)} after the shutter, ${computed}, ${shown}`;
}

const fitted = (side: string, range: readonly number[] | null): string =>
  range ? `${side} the edge ${range.map((ev) => ev.toFixed(0)).join(' to ')} eV` : `none ${side} the edge`;
