import type { Store } from '../state/store.ts';
import { currentRun, streamState } from '../state/stream.ts';
import { formatAge, formatCount, formatTime, plural } from '../words/format.ts';
import { runEndWords } from '../words/run-end.ts';
import { h, setText, show } from './dom.ts';

/** A refusal is told once a second while it goes on. */
const REFUSED_FOR_MS = 5000;

export type MessageView = { readonly element: HTMLElement; draw(): void };

/**
 * One line that is always there, so that an alarm moves nothing: what is wrong with the way the data come, since when,
 * and what the page does about it; else how the run stands.
 */
export function messageView(store: Store, serverNow: () => number): MessageView {
  const { state } = store;
  const text = h('span', {});
  const logIn = h('a', { href: '/login', class: 'log-in' }, 'Log in');
  const element = h('div', { class: 'message', role: 'status' }, text, ' ', logIn);
  return {
    element,
    draw() {
      const now = serverNow();
      const words = trouble(now);
      element.classList.toggle('alarm', words !== null);
      setText(text, words ?? calm(now));
      show(logIn, state.mustLogIn);
      const old = state.link === 'lost' || state.status?.redis === 'down';
      document.documentElement.classList.toggle('old-data', old && state.loaded);
    },
  };

  function trouble(now: number): string | null {
    if (state.mustLogIn) {
      const since = state.loaded ? ` What you see is as of ${formatTime(state.linkSince, now)}.` : '';
      return `Nobody is logged in, or the session has ended.${since}`;
    }
    if (state.link === 'lost') {
      const since = formatTime(state.linkSince, now);
      const why =
        state.refusal && state.refusal.at > now - REFUSED_FOR_MS ? ` (${state.refusal.reason})` : '';
      return `Connection to the dashboard server lost at ${since}${why}. What you see is as of then. The page keeps trying and will catch up without a gap.`;
    }
    if (state.refusal && state.refusal.at > now - REFUSED_FOR_MS)
      return `The dashboard server refuses this page: ${state.refusal.reason}. The page asks again by itself.`;
    if (state.status?.redis === 'down') {
      const since = formatTime(state.status.redisSince, now);
      return `The dashboard server cannot reach Redis since ${since}.${state.loaded ? ' What you see is as of then.' : ''} Nothing is lost: results are in Kafka, and the page goes on by itself.`;
    }
    if (state.link === 'live' && state.status && state.status.projection === null) {
      return 'No projection process runs (npm run projection), so nothing new can arrive here. Results are kept in Kafka meanwhile.';
    }
    const { fresh, sinceMs } = streamState(store, now);
    if (fresh === 'stale' && sinceMs !== null) {
      return `No scan for ${formatAge(now - sinceMs)}: the last one ended at ${formatTime(sinceMs, now)}. Beam, scan or processor may have stopped.`;
    }
    return null;
  }

  /** What the beamline says of an end, else what its silence may mean. */
  function endedWords(now: number): string {
    const { fresh, sinceMs, end } = streamState(store, now);
    if (end !== null) return ` The ${runEndWords(end, now)}${end.reason === '' ? '' : `: ${end.reason}`}.`;
    if (fresh !== 'ended' || sinceMs === null) return '';
    return ` No scan since ${formatTime(sinceMs, now)}: the run has probably ended.`;
  }

  function calm(now: number): string {
    const run = currentRun(store);
    if (!state.loaded) return 'Loading …';
    if (!run) return 'Connected. Waiting for the first scan.';
    const samples = run.samples.flatMap((sampleId) => state.samples.get(sampleId) ?? []);
    const doubtful = samples.filter(({ attention }) => attention === 0).length;
    const ended = endedWords(now);
    const need = doubtful === 0 ? '' : `, ${doubtful === 1 ? '1 needs' : `${doubtful} need`} attention`;
    const lost = run.deadLetters === 0 ? '' : `, ${plural(run.deadLetters, 'dead letter')}`;
    return `This run: ${formatCount(run.scans)} scans of ${plural(run.samples.length, 'sample')}${need}${lost}.${ended}`;
  }
}
