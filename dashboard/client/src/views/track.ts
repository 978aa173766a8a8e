import { meanOf, readingOf } from '../../../../src/messages/scan-reading.ts';
import type { ScanRow } from '../../../protocol/events.ts';
import type { TimelineChart } from '../charts/timeline-chart.ts';
import { setVerdictIcon, verdictIcon } from '../charts/verdict-icon.ts';
import { axisTime } from '../state/row-times.ts';
import { formatNumber, formatTime, formatValue, withSign } from '../words/format.ts';
import { VERDICT_WORDS, verdictReason } from '../words/verdict-words.ts';
import { h, setAttribute, setText } from './dom.ts';
import { classWords, pointOf, type Quantity } from './track-points.ts';

const UNITS: Readonly<Record<string, string>> = { NNRS: 'Å', MOOD: 'Å' };
const MEANINGS: Readonly<Record<string, string>> = {
  OS: 'oxidation state',
  CN: 'neighbours',
  CN2: '2nd neighbours',
  OCN: 'oxygen neighbours',
  PSGO: 'site symmetry order',
  NNRS: 'bond length spread',
  MOOD: 'shortest O–O',
  NNOSM: 'mean state of neighbours',
  noise: 'noise of one point',
};

/** A line of the small multiples: name, plot, and the figure of one scan. */
export type Track = {
  readonly quantity: Quantity;
  readonly row: HTMLElement;
  readonly cell: HTMLElement;
  readonly meaning: HTMLElement;
  readonly value: HTMLElement;
  readonly icon: SVGSVGElement;
  readonly word: HTMLElement;
  /** The class, where the value is a mean. */
  readonly single: HTMLElement;
  chart: TimelineChart | null;
};

export function makeTrack(quantity: Quantity): Track {
  const { kind, name } = quantity;
  const cell = h('div', { class: 'track-plot' });
  const value = h('span', { class: 'track-value' });
  const icon = verdictIcon('ACCEPT');
  const word = h('span', { class: 'track-word' });
  const single = h('span', { class: 'track-single' });
  const isOurs = kind !== 'condition';
  const meaning = h('span', { class: 'track-meaning' }, isOurs ? (MEANINGS[name] ?? '') : 'as recorded');
  const unit = isOurs ? UNITS[name] : undefined;
  const title = h(
    'b',
    { dir: 'auto', title: name },
    kind === 'noise' ? 'Noise\u00a0σ' : name,
    unit ? h('span', { class: 'unit' }, ` ${unit}`) : null,
  );
  const row = h(
    'div',
    { class: `track track-${kind}` },
    h('div', { class: 'track-name' }, title, meaning),
    cell,
    h('div', { class: 'track-now' }, value, h('span', { class: 'track-verdict' }, icon, word), single),
  );
  return { quantity, row, cell, meaning, value, icon, word, single, chart: null };
}

/** The figures at the right edge, of one scan; null: there is none. */
export function drawTrackValue(track: Track, row: ScanRow | undefined): void {
  const { kind, name } = track.quantity;
  const point = row && pointOf(row, track.quantity);
  const verdict = point?.verdict ?? null;
  setAttribute(track.icon, 'visibility', verdict === null ? 'hidden' : 'visible');
  if (verdict !== null) setVerdictIcon(track.icon, verdict);
  track.row.classList.toggle('untrusted', verdict === 'REJECT');
  if (!row || !point) {
    for (const each of [track.word, track.single]) setText(each, '');
    setText(track.value, '–');
    return;
  }
  const at = `${formatTime(axisTime(row), Date.now())}, scan ${row.sequence}`;
  if (kind !== 'reading') {
    setText(track.value, formatNumber(point.value, kind === 'noise' ? 2 : 4));
    setText(track.word, point.limit === null ? '' : `limit ${formatNumber(point.limit, 2)}`);
    setAttribute(track.row, 'title', at);
    return;
  }
  const text = formatValue(point.value, point.low, point.high);
  setText(track.value, name === 'OS' ? withSign(text) : text.replaceAll(' to ', '\u00a0to\u00a0'));
  track.value.classList.toggle('range', text.includes('('));
  setText(track.word, verdict === null ? '' : VERDICT_WORDS[verdict]);
  const isMean = meanOf(row, name) !== undefined;
  setText(track.meaning, `${MEANINGS[name] ?? ''}${isMean ? ', mean' : ''}`);
  setText(track.single, isMean ? classWords(row, name) : '');
  const reading = readingOf(row, name);
  const why = reading && reading.verdict !== 'ACCEPT' ? `: ${verdictReason(reading.reason)}` : '';
  setAttribute(track.row, 'title', `${at}${why}`);
}
