import type { RequestRow } from '../../../protocol/events.ts';
import { type Asked, askedOf, isUnderWay, type Standing } from '../state/asked.ts';
import type { Store } from '../state/store.ts';
import { formatTime } from '../words/format.ts';
import { standingWords, wantedWords } from '../words/request-words.ts';
import { h, show } from './dom.ts';

export type RequestsView = { readonly element: HTMLElement; draw(): void; badge(): string };

const LINES = 100;
const SIGNS: Readonly<Record<Standing, string>> = {
  open: '○',
  accepted: '▷',
  done: '✓',
  refused: '✕',
  failed: '✕',
  expired: '–',
  unanswered: '–',
};

/** What agents asked of beamlines, and what has become of it; latest first. */
export function requestsView(store: Store, serverNow: () => number): RequestsView {
  const { state } = store;
  const list = h('ul', { class: 'changes-list requests-list' });
  const empty = h(
    'p',
    { class: 'empty' },
    'Nothing was asked so far. Here stands what agents ask of the beamline, and what it answers.',
  );
  const element = h('div', { class: 'requests' }, empty, list);
  let drawnFor: unknown[] = [];

  function draw(): void {
    const asked = askedOf(state, serverNow()).slice(0, LINES);
    const now = [
      state.choice.sampleId,
      ...asked.flatMap(({ request, said, standing }) => [request, said, standing]),
    ];
    if (now.length === drawnFor.length && now.every((value, i) => value === drawnFor[i])) return;
    drawnFor = now;
    show(empty, asked.length === 0);
    const focused = (document.activeElement as HTMLElement | null)?.dataset.line;
    list.replaceChildren(...asked.map(item));
    if (focused !== undefined)
      list.querySelector<HTMLElement>(`[data-line="${CSS.escape(focused)}"]`)?.focus();
  }

  function item(asked: Asked): HTMLElement {
    const { request, standing } = asked;
    return h(
      'li',
      { class: isUnderWay(asked) ? 'open' : 'done-with' },
      h('span', { class: 'change-mark', 'aria-hidden': 'true' }, SIGNS[standing]),
      h(
        'div',
        { class: 'request' },
        what(request),
        h('p', { class: 'request-standing', dir: 'auto' }, standingWords(asked, Date.now())),
        h('p', { class: 'dim', dir: 'auto' }, `${request.askedBy}: ${request.why}`),
      ),
    );
  }

  /** Leads to the sample and the scan that it is about, where it names them. */
  function what(request: RequestRow): HTMLElement {
    const { requestId, sampleId, scanId, element, edge } = request;
    const about = [sampleId === state.choice.sampleId ? null : sampleId, element, element && edge];
    const words = [
      h('span', { class: 'dim' }, formatTime(request.askedAt, Date.now())),
      h('span', { dir: 'auto', class: 'change-words' }, wantedWords(request)),
      h('span', { class: 'dim', dir: 'auto' }, about.filter(Boolean).join(' ')),
    ];
    if (sampleId === null) return h('p', { class: 'about-all' }, ...words);
    const button = h(
      'button',
      { class: 'change', click: () => store.choose({ sampleId, scanId }) },
      ...words,
    );
    button.dataset.line = requestId;
    return button;
  }

  return {
    element,
    draw,
    badge() {
      const underWay = askedOf(state, serverNow()).filter(isUnderWay).length;
      return underWay === 0 ? '' : String(underWay);
    },
  };
}
