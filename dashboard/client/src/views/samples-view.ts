import { headline } from '../../../../src/messages/scan-reading.ts';
import { setVerdictIcon, verdictIcon } from '../charts/verdict-icon.ts';
import { type Attention, byAttention, LOOK_BACK } from '../state/attention.ts';
import { isPreview, type Sample, type Store } from '../state/store.ts';
import { currentRun } from '../state/stream.ts';
import { formatAge, formatValue, withSign } from '../words/format.ts';
import { MEASURED_SIGN } from '../words/measured-words.ts';
import type { VerdictName } from '../words/verdict-words.ts';
import { h, setAttribute, setText, show, svg } from './dom.ts';

export type SamplesView = { readonly element: HTMLElement; draw(): void; focusFilter(): void };

type Row = {
  readonly element: HTMLElement;
  readonly icon: SVGSVGElement;
  readonly name: HTMLElement;
  readonly value: HTMLElement;
  readonly age: HTMLElement;
  readonly line: SVGPathElement;
  drawn: unknown;
};

/** By their attention, and what that means: a sample's sign is of its newest scan alone. */
const GROUPS = [
  ['Needs attention', `Of the last ${LOOK_BACK} scans half or more were rejected`],
  ['Some doubt', `Of the last ${LOOK_BACK} scans half or more were not accepted`],
  ['As it should be', `Of the last ${LOOK_BACK} scans most were accepted`],
] as const;

/** One row a sample, what needs attention first; rows keep their places while the reader points at the list. */
export function samplesView(store: Store, serverNow: () => number): SamplesView {
  const { state } = store;
  const filter = h('input', {
    type: 'search',
    placeholder: 'Filter samples',
    'aria-label': 'Filter samples',
    input: () => draw(),
    keydown: ((event: KeyboardEvent) => {
      if (event.key === 'ArrowDown') move(event, 0);
    }) as (event: never) => void,
  });
  const list = h('div', {
    class: 'sample-list',
    role: 'listbox',
    'aria-label': 'Samples, what needs attention first',
    keydown: onKey as (event: never) => void,
  });
  const count = h('span', { class: 'dim' });
  const empty = h('p', { class: 'empty' });
  const element = h(
    'section',
    { class: 'samples', 'aria-label': 'Samples' },
    h('div', { class: 'samples-head' }, filter, count),
    empty,
    list,
  );
  const rows = new Map<string, Row>();
  const headings = GROUPS.map(([text, title]) =>
    h('h2', { class: 'sample-group', role: 'presentation', title }, text),
  );
  let order: string[] = [];
  let placed: { sampleId: string; attention: Attention }[] = [];
  let busy = false;
  element.addEventListener('pointerenter', () => (busy = true));
  element.addEventListener('pointerleave', () => (busy = false));

  function makeRow(sampleId: string): Row {
    const icon = verdictIcon('ACCEPT');
    const name = h('span', { class: 'sample-name', title: sampleId, dir: 'auto' }, sampleId);
    const value = h('span', { class: 'sample-value' });
    const age = h('span', { class: 'sample-age' });
    const line = svg('path', { class: 'spark' });
    const spark = svg(
      'svg',
      { class: 'sample-spark', viewBox: '0 0 60 18', 'aria-hidden': 'true', preserveAspectRatio: 'none' },
      line,
    );
    const row = h(
      'div',
      { class: 'sample', role: 'option', tabindex: '-1', click: () => choose(sampleId) },
      icon,
      name,
      value,
      spark,
      age,
    );
    row.dataset.sample = sampleId;
    return { element: row, icon, name, value, age, line, drawn: null };
  }

  function choose(sampleId: string): void {
    if (state.choice.sampleId !== sampleId) store.choose({ sampleId, scanId: null });
  }

  function shown(): Sample[] {
    const words = filter.value.trim().toLowerCase();
    const ofRun = state.choice.runId === null ? null : new Set(currentRun(store)?.samples);
    return [...state.samples.values()].filter(
      ({ sampleId, latest }) =>
        (ofRun === null || ofRun.has(sampleId)) &&
        (words === '' || `${sampleId} ${latest.element}`.toLowerCase().includes(words)),
    );
  }

  function draw(): void {
    const samples = shown();
    const byId = new Map(samples.map((sample) => [sample.sampleId, sample]));
    const settled = order.length === samples.length && order.every((id) => byId.has(id));
    const held = busy || list.contains(document.activeElement);
    if (!settled || !held) place(samples.sort(byAttention));
    for (const sample of samples) drawRow(rows.get(sample.sampleId)!, sample);
    const total = state.samples.size;
    setText(count, total === samples.length ? `${total}` : `${samples.length} of ${total}`);
    show(empty, samples.length === 0);
    if (samples.length === 0) setText(empty, emptyWords(total));
  }

  function emptyWords(total: number): string {
    if (!state.loaded) return state.status?.redis === 'down' ? 'Waiting for Redis …' : 'Loading …';
    return total === 0 ? 'No sample yet. The first one appears here by itself.' : 'No sample matches.';
  }

  /** Puts headings and rows in order, moving only what must move. */
  function place(samples: readonly Sample[]): void {
    const next = samples.map(({ sampleId, attention }) => ({ sampleId, attention }));
    const same = (now: (typeof next)[number], i: number) =>
      now.sampleId === placed[i]?.sampleId && now.attention === placed[i]?.attention;
    if (next.length === placed.length && next.every(same)) return;
    const kept = new Set(next.map(({ sampleId }) => sampleId));
    for (const [id, row] of rows) {
      if (kept.has(id)) continue;
      row.element.remove();
      rows.delete(id);
    }
    for (const heading of headings) heading.remove();
    let before: ChildNode | null = list.firstChild;
    const put = (element: HTMLElement) => {
      if (element === before) before = before.nextSibling;
      else list.insertBefore(element, before);
    };
    next.forEach(({ sampleId, attention }, i) => {
      if (attention !== next[i - 1]?.attention) put(headings[attention]!);
      const row = rows.get(sampleId) ?? makeRow(sampleId);
      rows.set(sampleId, row);
      put(row.element);
    });
    placed = next;
    order = next.map(({ sampleId }) => sampleId);
  }

  function drawRow(row: Row, sample: Sample): void {
    const chosen = state.choice.sampleId === sample.sampleId;
    setText(row.age, formatAge(serverNow() - sample.freshMs));
    setAttribute(row.element, 'aria-selected', String(chosen));
    const reachable =
      chosen || (order[0] === sample.sampleId && !order.includes(state.choice.sampleId ?? ''));
    setAttribute(row.element, 'tabindex', reachable ? '0' : '-1');
    if (row.drawn === sample.latest) return;
    row.drawn = sample.latest;
    const first = headline(sample.latest);
    setVerdictIcon(row.icon, (first?.verdict ?? 'REJECT') as VerdictName);
    const text = first ? formatValue(first.value, first.low, first.high).replace(/ .*/, '') : '–';
    const sign = isPreview(sample.latest) ? `${MEASURED_SIGN} ` : '';
    setText(row.value, `${sign}${sample.latest.element} ${first?.name === 'OS' ? withSign(text) : text}`);
    row.element.classList.toggle('untrusted', first?.verdict === 'REJECT');
    setAttribute(row.element, 'data-attention', String(sample.attention));
    setAttribute(row.line, 'd', sparkPath(sample));
  }

  function onKey(event: KeyboardEvent): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset.sample;
    const at = focused === undefined ? -1 : order.indexOf(focused);
    if (event.key === 'ArrowDown') move(event, at + 1);
    else if (event.key === 'ArrowUp') move(event, at - 1);
    else if (event.key === 'Home') move(event, 0);
    else if (event.key === 'End') move(event, order.length - 1);
    else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      if (focused !== undefined) choose(focused);
    }
  }

  function move(event: KeyboardEvent, to: number): void {
    event.preventDefault();
    const id = order[Math.min(order.length - 1, Math.max(0, to))];
    const row = id === undefined ? undefined : rows.get(id);
    row?.element.focus();
    if (id !== undefined) choose(id);
  }

  return { element, draw, focusFilter: () => filter.focus() };
}

/** The values of the trail as a line, without the rejected ones. */
function sparkPath({ trail }: Sample): string {
  const good = trail.flatMap(([, value, verdict], i) =>
    value !== null && verdict !== 'REJECT' ? [{ i, value }] : [],
  );
  if (good.length < 2) return '';
  const values = good.map(({ value }) => value);
  const min = Math.min(...values);
  const span = Math.max(Math.max(...values) - min, 0.2);
  const x = (i: number) => (1 + (58 * i) / Math.max(1, trail.length - 1)).toFixed(1);
  const y = (value: number) => (16 - (14 * (value - min)) / span).toFixed(1);
  return good.map(({ i, value }, n) => `${n === 0 ? 'M' : 'L'}${x(i)} ${y(value)}`).join('');
}
