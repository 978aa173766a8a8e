import { type Alarm, alarmsOf } from '../../../protocol/alarms.ts';
import type { AnnotationRow, ChangePointRow } from '../../../protocol/events.ts';
import { chosenRow } from '../state/chosen-row.ts';
import { axisTime } from '../state/row-times.ts';
import type { Say } from '../state/say.ts';
import type { Store } from '../state/store.ts';
import { changeWords } from '../words/change-words.ts';
import { formatTime } from '../words/format.ts';
import { h, setText, show } from './dom.ts';

export type ChangesView = { readonly element: HTMLElement; draw(): void; badge(): string };

const LINES = 100;

type Line =
  | { readonly at: number; readonly alarm: Alarm; readonly note: null }
  | { readonly at: number; readonly alarm: null; readonly note: AnnotationRow };

/** When samples changed, whether somebody has seen to it, and what people noted; newest first. */
export function changesView(store: Store, say: Say): ChangesView {
  const { state } = store;
  const text = h('input', {
    class: 'note-text',
    maxlength: '1000',
    'aria-label': 'Note',
    placeholder: 'Note',
  });
  const about = h('span', { class: 'dim' });
  const said = h('p', { class: 'dim', role: 'status' });
  const form = h(
    'form',
    { class: 'note-form', submit: ((event: Event) => void write(event)) as (event: never) => void },
    text,
    h('button', { class: 'quiet' }, 'Note'),
    about,
  );
  const all = h('button', { class: 'quiet', click: () => void acknowledgeAll() }, 'Acknowledge all');
  const list = h('ul', { class: 'changes-list' });
  const empty = h(
    'p',
    { class: 'empty' },
    'No change was told so far. npm run changes finds them: a step, a drift, its end or a return.',
  );
  const element = h('div', { class: 'changes' }, form, said, all, empty, list);
  let drawnFor: unknown[] = [];

  async function write(event: Event): Promise<void> {
    event.preventDefault();
    const row = chosenRow(state);
    const { sampleId } = state.choice;
    if (row === null || sampleId === null) return;
    setText(said, 'Writing …');
    const { scanId } = row;
    const found = await say.annotate({
      sampleId,
      at: axisTime(row),
      scanId,
      changeId: null,
      text: text.value,
    });
    if ('refused' in found) return setText(said, `Not kept: ${found.refused}.`);
    text.value = '';
    setText(said, '');
  }

  async function acknowledge({ changeId, sampleId, firstAfter, scanAfter }: ChangePointRow): Promise<void> {
    setText(said, 'Writing …');
    const wish = { sampleId, at: firstAfter, scanId: scanAfter, changeId, text: '' };
    const found = await say.annotate(wish);
    setText(said, 'refused' in found ? `Not acknowledged: ${found.refused}.` : '');
  }

  /** Those that this page has, which somebody may have looked at; none that has come meanwhile. */
  async function acknowledgeAll(): Promise<void> {
    setText(said, 'Writing …');
    const found = await say.acknowledgeAll(state.changes.at(-1)?.projectedAt ?? 0);
    setText(said, 'refused' in found ? `Not acknowledged: ${found.refused}.` : '');
  }

  function draw(): void {
    const { sampleId } = state.choice;
    const row = chosenRow(state);
    show(form, state.mayWrite && sampleId !== null);
    setText(about, row ? `of scan ${row.sequence}, ${formatTime(axisTime(row), Date.now())}` : '');
    const now = [
      state.changes.at(-1),
      state.annotations.at(-1),
      state.changes.length,
      sampleId,
      state.mayWrite,
    ];
    if (now.length === drawnFor.length && now.every((value, i) => value === drawnFor[i])) return;
    drawnFor = now;
    const alarms = alarmsOf(state.changes, state.annotations);
    const open = alarms.filter(({ isOpen }) => isOpen).length;
    show(all, state.mayWrite && open > 1);
    setText(all, `Acknowledge all ${open}`);
    const lines: Line[] = [
      ...alarms.map((alarm) => ({
        at: alarm.change.firstAfter,
        alarm,
        note: null,
      })),
      ...state.annotations
        .filter(({ text }) => text !== '')
        .map((note) => ({ at: note.at, alarm: null, note })),
    ].sort((a, b) => b.at - a.at);
    show(empty, lines.length === 0);
    const focused = (document.activeElement as HTMLElement | null)?.dataset.line;
    list.replaceChildren(
      ...lines.slice(0, LINES).map((line) => (line.alarm ? alarmItem(line.alarm) : noteItem(line.note))),
    );
    if (focused !== undefined)
      list.querySelector<HTMLElement>(`[data-line="${CSS.escape(focused)}"]`)?.focus();
  }

  function alarmItem({ change, acknowledged, isOpen }: Alarm): HTMLElement {
    const by = acknowledged && `acknowledged by ${acknowledged.writtenBy}`;
    const button = h('button', { class: 'quiet', click: () => void acknowledge(change) }, 'Acknowledge');
    button.dataset.line = `acknowledge ${change.changeId}`;
    return h(
      'li',
      { class: isOpen ? 'open' : 'done-with' },
      h('span', { class: 'change-mark', 'aria-hidden': 'true' }, acknowledged ? '✓' : '▲'),
      placeButton(change.changeId, change.sampleId, change.scanAfter, change.firstAfter, changeWords(change)),
      by ? h('span', { class: 'dim', dir: 'auto' }, by) : isOpen && state.mayWrite ? button : null,
    );
  }

  function noteItem(note: AnnotationRow): HTMLElement {
    return h(
      'li',
      { class: 'done-with' },
      h('span', { class: 'change-mark', 'aria-hidden': 'true' }, '✎'),
      placeButton(note.annotationId, note.sampleId, note.scanId, note.at, note.text),
      h('span', { class: 'dim', dir: 'auto' }, note.writtenBy),
    );
  }

  /** Leads to the sample and the scan. */
  function placeButton(
    id: string,
    sampleId: string,
    scanId: string | null,
    at: number,
    words: string,
  ): HTMLElement {
    const button = h(
      'button',
      { class: 'change', click: () => store.choose({ sampleId, scanId }) },
      h('span', { class: 'dim' }, formatTime(at, Date.now())),
      h('span', { dir: 'auto', class: 'change-words' }, words),
      sampleId === state.choice.sampleId ? null : h('span', { class: 'dim', dir: 'auto' }, sampleId),
    );
    button.dataset.line = id;
    return button;
  }

  return {
    element,
    draw,
    badge() {
      const open = alarmsOf(state.changes, state.annotations).filter(({ isOpen }) => isOpen);
      return open.length === 0 ? '' : String(open.length);
    },
  };
}
