import type { LetterDetail, LetterRow } from '../../../protocol/events.ts';
import type { PageSocket } from '../state/connection.ts';
import type { Store } from '../state/store.ts';
import { formatBytes, formatCount, formatTime } from '../words/format.ts';
import { rejectReason } from '../words/verdict-words.ts';
import { h, setAttribute, setText, show } from './dom.ts';
import { decodedHead, hexLines } from './hex.ts';

export type LettersView = { readonly element: HTMLElement; draw(): void; toggle(): void };

const LINES = 100;
const ANSWER_WITHIN_MS = 5_000;

/** Records that could not become descriptors, newest first, with their reason and their bytes. */
export function lettersView(store: Store, socket: PageSocket, openAtFirst: boolean): LettersView {
  const { state } = store;
  const summary = h('span', { class: 'letters-summary', dir: 'auto' });
  const count = h('b', {});
  const bar = h(
    'button',
    { class: 'letters-bar', 'aria-controls': 'letters-body', click: () => toggle() },
    h('span', { class: 'chevron', 'aria-hidden': 'true' }, '▸'),
    count,
    summary,
  );
  const list = h('ul', { class: 'letters-list' });
  const bytes = h('div', { class: 'letter-bytes', 'aria-live': 'polite' });
  const empty = h(
    'p',
    { class: 'empty' },
    'None. A record that cannot become descriptors is kept here with its bytes and the reason.',
  );
  const body = h('div', { id: 'letters-body', class: 'letters-body' }, empty, list, bytes);
  const element = h('section', { class: 'letters', 'aria-label': 'Dead letters' }, bar, body);
  let open = openAtFirst;
  let drawnFor: unknown = null;
  let shownLetter: string | null | undefined;
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
    const newest = state.letters.at(-1);
    setText(
      count,
      state.letterCount === 1 ? '1 dead letter' : `${formatCount(state.letterCount)} dead letters`,
    );
    setText(
      summary,
      newest ? `newest ${formatTime(newest.at, Date.now())}: ${rejectReason(newest.reason)}` : '',
    );
    if (!open) return;
    show(empty, state.letters.length === 0);
    const key = `${newest?.letterId}|${state.letters.length}`;
    if (drawnFor !== key) {
      drawnFor = key;
      const wanted = state.letters.slice(-LINES).reverse();
      const known = new Map([...list.children].map((item) => [(item as HTMLElement).dataset.letter, item]));
      list.replaceChildren(...wanted.map((letter) => known.get(letter.letterId) ?? letterItem(letter)));
    }
    for (const item of list.children) {
      const chosen = (item as HTMLElement).dataset.letter === state.choice.letterId;
      setAttribute(item.firstElementChild!, 'aria-pressed', String(chosen));
    }
    show(bytes, state.letters.length > 0);
    if (shownLetter !== state.choice.letterId) void showBytes(state.choice.letterId);
  }

  function letterItem(letter: LetterRow): HTMLElement {
    const item = h(
      'li',
      {},
      h(
        'button',
        {
          class: 'letter',
          click: () =>
            store.choose({ letterId: state.choice.letterId === letter.letterId ? null : letter.letterId }),
        },
        h('span', { class: 'letter-time' }, formatTime(letter.at, Date.now())),
        h('span', { class: 'letter-reason' }, rejectReason(letter.reason)),
        h('span', { class: 'letter-detail', dir: 'auto' }, letter.detail),
        h('span', { class: 'letter-sample dim', dir: 'auto' }, letter.sampleId ?? 'sample unknown'),
        h('span', { class: 'letter-size' }, formatBytes(letter.valueBytes)),
      ),
    );
    item.dataset.letter = letter.letterId;
    return item;
  }

  async function showBytes(letterId: string | null): Promise<void> {
    shownLetter = letterId;
    bytes.replaceChildren(...(letterId === null ? [hint()] : []));
    if (letterId === null) return;
    try {
      const found = await socket.timeout(ANSWER_WITHIN_MS).emitWithAck('letter', letterId);
      if (shownLetter !== letterId) return;
      bytes.replaceChildren();
      if (found === null)
        bytes.append(
          h('p', { class: 'empty' }, 'Redis no longer holds these bytes; they are in the dead-letter topic.'),
        );
      else if ('unavailable' in found) throw new Error(found.unavailable);
      else bytes.append(...letterBytes(found));
    } catch {
      if (shownLetter !== letterId) return;
      shownLetter = undefined; // asked again with the next change
      bytes.replaceChildren(h('p', { class: 'empty' }, 'The bytes could not be fetched just now.'));
    }
  }

  return { element, draw, toggle };
}

const hint = () => h('p', { class: 'empty' }, 'Choose a dead letter to see its bytes.');

function letterBytes({ row, value, key, headers }: LetterDetail): HTMLElement[] {
  const bytes = new Uint8Array(value);
  const facts: (readonly [string, string])[] = [
    ['Record', row.letterId],
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
