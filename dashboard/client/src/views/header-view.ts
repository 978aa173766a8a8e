import type { Latency } from '../state/latency.ts';
import type { Run, Store } from '../state/store.ts';
import { currentRun, streamState } from '../state/stream.ts';
import { formatAge, formatCount, formatDuration, formatRate, formatTime } from '../words/format.ts';
import { runEndWords } from '../words/run-end.ts';
import { h, setAttribute, setText, show } from './dom.ts';

const RATE_WINDOW_MS = 10_000;
const AGE_TITLE = 'Age of the newest scan, from the end of its measurement';

export type HeaderView = { readonly element: HTMLElement; draw(): void };

/** One line: is it alive, where is the experiment, is anything wrong. */
export function headerView(
  store: Store,
  parts: {
    latency: Latency;
    serverNow: () => number;
    clockUncertaintyMs: () => number | null;
    onTheme: () => void;
    onLogOut: () => void;
  },
): HeaderView {
  const { state } = store;
  const run = h('select', { 'aria-label': 'Run', change: pickRun as (event: never) => void });
  const beamline = h('span', { class: 'dim' });
  const origin = h('span', { class: 'origin' });
  const age = cell('newest scan', AGE_TITLE);
  const rate = cell('scans/s', 'Scans that arrived on this page in the last 10 seconds, per second');
  const lag = cell('waiting', 'Scans that are published and not yet processed, and results not yet in Redis');
  const delay = cell('shutter to screen');
  const accepted = cell('values accepted', 'Share of all values of this run that may be acted upon');
  const deadLetters = cell('dead letters', 'Records that could not become descriptors, all runs');
  const model = cell('model');
  const link = cell('connection');
  link.box.setAttribute('role', 'status');
  const theme = h('button', { class: 'quiet', title: 'Light or dark', click: parts.onTheme }, '◐');
  theme.setAttribute('aria-label', 'Switch between light and dark');
  const visitor = h('button', { class: 'quiet visitor', 'aria-label': 'Log out', click: parts.onLogOut });
  const element = h(
    'header',
    { class: 'header' },
    h('div', { class: 'run' }, h('span', { class: 'run-pick' }, run), beamline, origin),
    age.box,
    rate.box,
    lag.box,
    delay.box,
    accepted.box,
    deadLetters.box,
    model.box,
    link.box,
    visitor,
    theme,
  );

  function pickRun(): void {
    const runId = run.value === '' ? null : run.value;
    const { sampleId } = state.choice;
    const samples = runId === null ? [] : (state.runs.get(runId)?.samples ?? []);
    const stays = runId === null || (sampleId !== null && samples.includes(sampleId));
    store.choose({ runId, scanId: null, ...(!stays && { sampleId: samples[0] ?? null }) });
  }

  function drawRuns(current: Run | undefined): void {
    const runs = [...state.runs.values()].sort((a, b) => b.lastAt - a.lastAt);
    const wanted = [['', newestWords(runs)], ...runs.map(({ runId }) => [runId, runId])] as const;
    const key = wanted.map((each) => each.join(' ')).join('\n');
    if (run.dataset.key !== key) {
      run.dataset.key = key;
      run.replaceChildren(...wanted.map(([value, text]) => h('option', { value }, text)));
    }
    const value = state.choice.runId ?? '';
    if (run.value !== value) run.value = value;
    setAttribute(run, 'title', current?.runId ?? '');
    setText(beamline, current?.beamline ?? '');
    show(origin, current !== undefined);
    const replay = current?.origin === 'REPLAY';
    setText(origin, replay ? 'REPLAY' : 'LIVE');
    origin.classList.toggle('replay', replay);
    setAttribute(
      origin,
      'title',
      replay ? 'A recording or a simulation, not a measurement that runs now' : 'A measurement',
    );
  }

  return {
    element,
    draw() {
      const now = parts.serverNow();
      const current = currentRun(store);
      drawRuns(current);

      const { fresh, sinceMs, end } = streamState(store, now);
      setText(age.value, sinceMs === null ? '–' : `${formatAge(now - sinceMs)} ago`);
      element.classList.toggle('stale', fresh === 'stale');
      element.classList.toggle('ended', fresh === 'ended');
      const silent = sinceMs !== null && (fresh === 'stale' || fresh === 'ended');
      setText(
        age.label,
        end !== null
          ? runEndWords(end, now)
          : silent
            ? `no scan since ${formatTime(sinceMs, now)}`
            : 'newest scan',
      );
      setAttribute(age.box, 'title', end?.reason || AGE_TITLE);

      const windowMs = Math.min(RATE_WINDOW_MS, Math.max(1000, now - state.linkSince));
      const recent = state.arrivals.filter((at) => at > now - windowMs).length;
      setText(rate.value, formatRate(recent / (windowMs / 1000)));

      const { status } = state;
      const waiting = status?.projection
        ? (status.projection.scansWaiting ?? 0) + status.projection.projectionLag
        : null;
      setText(lag.value, waiting === null ? '–' : formatCount(waiting));
      lag.box.classList.toggle('alarm', (waiting ?? 0) > 1000);

      const [p50, p99] = [parts.latency.percentile(0.5), parts.latency.percentile(0.99)];
      setText(delay.value, p50 === null ? '–' : `${formatDuration(p50)} / ${formatDuration(p99)}`);
      const off = parts.clockUncertaintyMs();
      setAttribute(
        delay.box,
        'title',
        `From the end of a scan to the frame that draws it here: median and 99th percentile of the last ${parts.latency.count()} scans. ` +
          `This computer's clock is corrected by the server's${off === null ? '' : ` to ± ${Math.max(1, Math.round(off))} ms`}; the beamline's clock is taken to agree with the server's.`,
      );

      const values = current ? current.accepted + current.flagged + current.rejected : 0;
      setText(accepted.value, values === 0 ? '–' : `${Math.floor((100 * current!.accepted) / values)} %`);
      accepted.box.classList.toggle('alarm', values > 0 && current!.accepted === 0);
      setText(deadLetters.value, formatCount(state.deadLetterCount));
      deadLetters.box.classList.toggle('notable', state.deadLetterCount > 0);
      setText(model.value, current?.model || '–');
      setAttribute(model.box, 'title', current ? `${current.model}, bundle ${current.modelHash}` : '');

      const words = linkWords(store);
      setText(link.value, words.text);
      element.classList.toggle('lost', words.bad);
      show(visitor, state.visitor !== null);
      if (state.visitor) {
        setText(visitor, `${state.visitor.name} (${state.visitor.role})`);
        setAttribute(visitor, 'title', 'Log out');
        setAttribute(visitor, 'aria-label', `${state.visitor.name}, ${state.visitor.role}: log out`);
      }
      setText(link.label, `${state.viewers || 1} watching`);
    },
  };
}

function cell(label: string, title = ''): { box: HTMLElement; label: HTMLElement; value: HTMLElement } {
  const name = h('span', { class: 'cell-label' }, label);
  const value = h('span', { class: 'cell-value' }, '–');
  const kind = label.replace(/\W+/g, '-');
  return { box: h('div', { class: `cell cell-${kind}`, title }, name, value), label: name, value };
}

function linkWords({ state }: Store): { text: string; bad: boolean } {
  if (state.link === 'lost') return { text: 'lost', bad: true };
  if (state.status?.redis === 'down') return { text: 'no Redis', bad: true };
  if (state.link === 'live') return { text: 'live', bad: false };
  return { text: state.link === 'connecting' ? 'connecting' : 'loading', bad: false };
}

/** Runs of which scans came lately are measured at once. */
const AT_ONCE_MS = 60_000;

function newestWords(runs: readonly Run[]): string {
  const [newest] = runs;
  if (!newest) return 'no run yet';
  const atOnce = runs.filter(({ lastAt }) => lastAt > newest.lastAt - AT_ONCE_MS).length;
  return atOnce > 1 ? `all of ${atOnce} runs` : `${newest.runId} (newest)`;
}
