import { headline } from '../../../../src/messages/scan-reading.ts';
import type { Counts, ScanRow } from '../../../protocol/events.ts';
import { lastAskedOf } from '../state/asked.ts';
import type { Tab } from '../state/choice.ts';
import { accumulationsOf, chosenRows, counted, measuredNow, NOTHING, type Store } from '../state/store.ts';
import { measuredWords } from '../words/measured-words.ts';
import { repeatsWords } from '../words/repeats-words.ts';
import { lastAskedWords } from '../words/request-words.ts';
import { sentence } from '../words/sentence.ts';
import { zoneWords } from '../words/zone.ts';
import { h, setAttribute, setText, show } from './dom.ts';
import { exportMenu } from './export-menu.ts';
import type { SinceView } from './since-view.ts';
import { type TabPanel, tabs } from './tabs.ts';
import type { TimelinesView } from './timelines-view.ts';
import { zoomButton } from './zoom-button.ts';

export type SampleView = { readonly element: HTMLElement; draw(): void };

const AXIS_WORDS = [
  ['Time', 'time'],
  ['Scan no.', 'scan'],
] as const;
const WINDOWS = [
  ['All', null],
  ['1 h', 3_600_000],
  ['10 min', 600_000],
  ['1 min', 60_000],
] as const;

/**
 * The chosen sample: what it is turning into in one sentence, its mean oxidation state, and beneath it what else is
 * asked for.
 */
export function sampleView(
  store: Store,
  parts: {
    readonly timelines: TimelinesView;
    readonly since: SinceView;
    readonly panels: readonly TabPanel<Tab>[];
    readonly serverNow: () => number;
  },
): SampleView {
  const { state } = store;
  const { timelines, serverNow } = parts;
  const beneath = tabs({
    name: 'About this sample',
    panels: parts.panels,
    chosen: () => state.choice.tab,
    choose: (tab) => store.choose({ tab }),
  });
  const zoom = zoomButton('Zoomed', () => store.choose({ zoom: null }));
  const axes = AXIS_WORDS.map(([text, axis]) => {
    const title = axis === 'time' ? `Time of day, ${zoneWords()}` : 'Numbers of the scans in their run';
    return {
      axis,
      button: h('button', { class: 'quiet', title, click: () => store.choose({ axis }) }, text),
    };
  });
  const name = h('h1', { dir: 'auto' });
  const words = h('p', { class: 'sentence' }); // no live region: it changes ten times a second
  const measured = h('p', { class: 'measured', hidden: true });
  const repeats = h('p', { class: 'repeats dim', hidden: true });
  const note = h('p', { class: 'note dim' });
  const windows = WINDOWS.map(([text, windowMs]) => {
    const button = h('button', { class: 'quiet', click: () => store.choose({ windowMs }) }, text);
    return { button, windowMs };
  });
  const span = h(
    'div',
    { class: 'segments', role: 'group', 'aria-label': 'Time shown' },
    ...windows.map(({ button }) => button),
  );
  const follow = h('button', {
    class: 'follow',
    title: 'Follow the newest scan, and new samples and runs (F)',
    click: store.follow,
  });
  const empty = h('div', { class: 'empty-sample' });
  const element = h(
    'section',
    { class: 'chosen', 'aria-label': 'Chosen sample' },
    h(
      'div',
      { class: 'chosen-head' },
      name,
      h(
        'div',
        { class: 'controls' },
        zoom,
        h(
          'div',
          { class: 'segments', role: 'group', 'aria-label': 'Horizontal axis' },
          ...axes.map(({ button }) => button),
        ),
        span,
        exportMenu(state),
        follow,
      ),
    ),
    words,
    measured,
    repeats,
    parts.since.element,
    timelines.element,
    note,
    beneath.element,
    empty,
  );

  return {
    element,
    draw() {
      const { choice } = state;
      const sample = choice.sampleId === null ? undefined : state.samples.get(choice.sampleId);
      show(empty, sample === undefined);
      show(words, sample !== undefined);
      const preview = measuredNow(state);
      show(measured, preview !== null);
      setText(measured, preview === null ? '' : measuredWords(preview));
      const averaged = repeatsWords(accumulationsOf(state), serverNow());
      const asked = lastAskedWords(lastAskedOf(state, serverNow()));
      show(repeats, averaged !== '' || asked !== '');
      setText(repeats, `${averaged} ${asked}`.trim());
      for (const each of [timelines.element, beneath.element])
        each.classList.toggle('unused', sample === undefined);
      setText(name, sample?.sampleId ?? 'No sample chosen');
      setAttribute(name, 'title', sample?.sampleId ?? '');
      const { following } = choice;
      setText(follow, following ? '● Following' : 'Follow newest');
      setAttribute(follow, 'aria-pressed', String(following));
      for (const { button, windowMs } of windows)
        setAttribute(button, 'aria-pressed', String(choice.windowMs === windowMs));
      for (const { button, axis } of axes) setAttribute(button, 'aria-pressed', String(choice.axis === axis));
      show(zoom, choice.zoom !== null);
      show(span, choice.axis === 'time');
      if (!sample) {
        drawEmpty();
        setText(note, '');
        return;
      }
      const history = state.histories.get(sample.sampleId);
      const rows = chosenRows(state);
      const counts = choice.runId === null ? sample.counts : countsOf(rows);
      setText(words, sentence(rows, counts, serverNow()));
      const times = choice.axis === 'time' ? `Times are ${zoneWords()}. ` : '';
      setText(note, times + noteWords(history?.state, sample.counts.scans, history?.rows.length ?? 0));
      beneath.draw();
      parts.since.draw();
      timelines.draw();
    },
  };

  function drawEmpty(): void {
    const [head, text] = !state.loaded
      ? state.status?.redis === 'down'
        ? ['Waiting for Redis', 'What has been measured so far appears as soon as Redis answers.']
        : ['Loading …', 'Asking the dashboard server for what has been measured so far.']
      : state.samples.size === 0
        ? [
            'Waiting for the first scan',
            'Nothing has come through Kafka yet. This page shows the first result by itself, some hundredths of a second after its scan ends.',
          ]
        : ['No sample chosen', 'Choose a sample on the left.'];
    const key = `${head}${text}`;
    if (empty.dataset.key === key) return;
    empty.dataset.key = key;
    empty.replaceChildren(h('h2', {}, head), h('p', {}, text));
  }
}

/** Of one run among several the projection keeps no counts a sample; these are of the rows that are drawn. */
const countsOf = (rows: readonly ScanRow[]): Counts =>
  rows.reduce((counts, row) => {
    const first = headline(row);
    return counted(counts, first?.verdict, first?.reason ?? 'none');
  }, NOTHING);

function noteWords(history: 'loading' | 'complete' | undefined, scans: number, rows: number): string {
  if (history !== 'complete') return 'Loading the history …';
  if (rows < scans)
    return `${rows} of ${scans} scans drawn: older ones are thinned, evenly, so that the line reaches back to the beginning.`;
  return '';
}
