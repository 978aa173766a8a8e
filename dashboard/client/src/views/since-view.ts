import { alarmsOf } from '../../../protocol/alarms.ts';
import { askedSince } from '../state/asked.ts';
import type { LastLooked } from '../state/last-looked.ts';
import type { Store } from '../state/store.ts';
import { changeWords } from '../words/change-words.ts';
import { formatTime, plural } from '../words/format.ts';
import { h, setText, show } from './dom.ts';

export type SinceView = { readonly element: HTMLElement; draw(): void };

/** One line: what happened while nobody looked at this page, else what nobody has acknowledged yet. */
export function sinceView(store: Store, looked: LastLooked): SinceView {
  const { state } = store;
  const words = h('button', {
    class: 'since-words',
    title: 'Show the changes',
    click: () => store.choose({ tab: 'changes' }),
  });
  const seen = h(
    'button',
    {
      class: 'quiet',
      click: () => {
        looked.forget();
        draw();
      },
    },
    'Seen',
  );
  const element = h('div', { class: 'since' }, words, seen);

  function draw(): void {
    const since = looked.sinceMs();
    const text = since === null ? waiting() : happened(since);
    element.classList.toggle('unused', text === ''); // its place is kept, so that nothing jumps
    show(seen, since !== null && text !== '');
    setText(words, text || 'No changes'); // unseen then
  }

  function waiting(): string {
    const open = alarmsOf(state.changes, state.annotations).filter(({ isOpen }) => isOpen);
    const [newest] = open;
    return newest ? `▲ ${plural(open.length, 'change')} not acknowledged; ${newestWords(newest.change)}` : '';
  }

  function happened(since: number): string {
    const now = Date.now();
    const changes = alarmsOf(state.changes, state.annotations).filter(
      ({ change }) => change.projectedAt > since,
    );
    const letters = state.deadLetters.filter(({ projectedAt }) => projectedAt > since).length;
    const requests = state.requests.filter((request) => askedSince(request, since)).length;
    const parts = [
      changes.length === 0
        ? 'no change was found'
        : `${plural(changes.length, 'change')}, ${newestWords(changes[0]!.change)}`,
      requests === 0 ? '' : plural(requests, 'request'),
      letters === 0 ? '' : plural(letters, 'dead letter'),
    ];
    return `Since you last looked, ${formatTime(since, now, false)}: ${parts.filter(Boolean).join('; ')}.`;
  }

  const newestWords = (change: Parameters<typeof changeWords>[0]): string =>
    `newest ${formatTime(change.firstAfter, Date.now(), false)}, ${change.sampleId}: ${changeWords(change)}`;

  return { element, draw };
}
