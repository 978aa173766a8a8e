import type { DeadLetterDetail, DeadLetterRow } from '../../../protocol/events.ts';
import type { PageSocket } from '../state/connection.ts';
import type { Store } from '../state/store.ts';
import { formatBytes, formatCount, formatTime } from '../words/format.ts';
import { rejectReason } from '../words/verdict-words.ts';
import { h, setAttribute, setText, show } from './dom.ts';
import { decodedHead, hexLines } from './hex.ts';

export type DeadLettersView = { readonly element: HTMLElement; draw(): void; close(): void };

const LINES = 100;
const ANSWER_WITHIN_MS = 5_000;

/** Records that could not become descriptors, newest first, with their reason and their bytes. */
export function deadLettersView(store: Store, socket: PageSocket, openAtFirst: boolean): DeadLettersView {
  const { state } = store;
  const summary = h('span', { class: 'dead-letters-summary', dir: 'auto' });
  const count = h('b', {});
  const bar = h(
    'button',
    { class: 'dead-letters-bar', 'aria-controls': 'dead-letters-body', click: () => toggle() },
    h('span', { class: 'chevron', 'aria-hidden': 'true' }, '▸'),
    count,
    summary,
  );
  const list = h('ul', { class: 'dead-letters-list' });
  const bytes = h('div', { class: 'dead-letter-bytes', 'aria-live': 'polite' });
  const empty = h(
    'p',
    { class: 'empty' },
    'None. A record that cannot become descriptors is kept here with its bytes and the reason.',
  );
  const body = h('div', { id: 'dead-letters-body', class: 'dead-letters-body' }, empty, list, bytes);
  const element = h('section', { class: 'dead-letters', 'aria-label': 'Dead letters' }, bar, body);
  let open = openAtFirst || state.choice.deadLetterId !== null;
  let drawnFor: unknown = null;
  let shownDeadLetter: string | null | undefined;
  setOpen(open);

  function setOpen(value: boolean): void {
    open = value;
    bar.setAttribute('aria-expanded', String(open));
    show(body, open);
    element.classList.toggle('open', open);
  }
  const toggle = () => {
    setOpen(!open);
    draw();
  };

  function draw(): void {
    const newest = state.deadLetters.at(-1);
    setText(
      count,
      state.deadLetterCount === 1 ? '1 dead letter' : `${formatCount(state.deadLetterCount)} dead letters`,
    );
    setText(
      summary,
      newest ? `newest ${formatTime(newest.at, Date.now())}: ${rejectReason(newest.reason)}` : '',
    );
    if (!open) return;
    show(empty, state.deadLetters.length === 0);
    const key = `${newest?.deadLetterId}|${state.deadLetters.length}`;
    if (drawnFor !== key) {
      drawnFor = key;
      const wanted = state.deadLetters.slice(-LINES).reverse();
      const kept = new Set(wanted.map(({ deadLetterId }) => deadLetterId));
      for (const item of [...list.children] as HTMLElement[])
        if (!kept.has(item.dataset.deadLetter!)) item.remove();
      // Those that stay are not touched: an element that is moved loses the focus.
      let before = list.firstElementChild as HTMLElement | null;
      for (const deadLetter of wanted) {
        if (before?.dataset.deadLetter === deadLetter.deadLetterId)
          before = before.nextElementSibling as HTMLElement | null;
        else list.insertBefore(deadLetterItem(deadLetter), before);
      }
    }
    for (const item of list.children) {
      const chosen = (item as HTMLElement).dataset.deadLetter === state.choice.deadLetterId;
      setAttribute(item.firstElementChild!, 'aria-pressed', String(chosen));
    }
    show(bytes, state.deadLetters.length > 0);
    if (shownDeadLetter !== state.choice.deadLetterId) void showBytes(state.choice.deadLetterId);
  }

  function deadLetterItem(deadLetter: DeadLetterRow): HTMLElement {
    const item = h(
      'li',
      {},
      h(
        'button',
        {
          class: 'dead-letter',
          click: () =>
            store.choose({
              deadLetterId:
                state.choice.deadLetterId === deadLetter.deadLetterId ? null : deadLetter.deadLetterId,
            }),
        },
        h('span', { class: 'dead-letter-time' }, formatTime(deadLetter.at, Date.now())),
        h('span', { class: 'dead-letter-reason' }, rejectReason(deadLetter.reason)),
        h('span', { class: 'dead-letter-detail', dir: 'auto' }, deadLetter.detail),
        h('span', { class: 'dead-letter-sample dim', dir: 'auto' }, deadLetter.sampleId ?? 'sample unknown'),
        h('span', { class: 'dead-letter-size' }, formatBytes(deadLetter.valueBytes)),
      ),
    );
    item.dataset.deadLetter = deadLetter.deadLetterId;
    return item;
  }

  async function showBytes(deadLetterId: string | null): Promise<void> {
    shownDeadLetter = deadLetterId;
    bytes.replaceChildren(...(deadLetterId === null ? [hint()] : []));
    if (deadLetterId === null) return;
    try {
      const found = await socket.timeout(ANSWER_WITHIN_MS).emitWithAck('deadLetter', deadLetterId);
      if (shownDeadLetter !== deadLetterId) return;
      bytes.replaceChildren();
      if (found === null)
        bytes.append(
          h('p', { class: 'empty' }, 'Redis no longer holds these bytes; they are in the dead-letter topic.'),
        );
      else if ('unavailable' in found) throw new Error(found.unavailable);
      else bytes.append(...deadLetterBytes(found));
    } catch {
      if (shownDeadLetter !== deadLetterId) return;
      shownDeadLetter = undefined; // asked again with the next change
      bytes.replaceChildren(h('p', { class: 'empty' }, 'The bytes could not be fetched just now.'));
    }
  }

  return { element, draw, close: () => setOpen(false) };
}

const hint = () => h('p', { class: 'empty' }, 'Choose a dead letter to see its bytes.');

function deadLetterBytes({ row, value, key, headers }: DeadLetterDetail): HTMLElement[] {
  const bytes = new Uint8Array(value);
  const facts: (readonly [string, string])[] = [
    ['Record', row.deadLetterId],
    ['Reason', `${row.reason}: ${row.detail}`],
    ...decodedHead(bytes),
    ['key', new TextDecoder().decode(key) || 'none'],
    ...headers.map(([name, text]) => [`header ${name}`, text] as const),
  ];
  const cut = row.valueBytes !== null && row.valueBytes > bytes.length;
  const size =
    row.valueBytes === null
      ? 'The record had no value.'
      : `${formatBytes(row.valueBytes)}${cut ? `, the first ${formatBytes(bytes.length)} here` : ''}`;
  return [
    h(
      'dl',
      { class: 'facts' },
      ...facts.flatMap(([term, text]) => [h('dt', {}, term), h('dd', { dir: 'auto' }, text)]),
    ),
    h('p', { class: 'dim' }, size),
    h(
      'pre',
      { class: 'hex', tabindex: '0', 'aria-label': 'Bytes of the record' },
      hexLines(bytes.subarray(0, 4096)).join('\n'),
    ),
  ];
}
