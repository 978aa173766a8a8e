import { h, setText, show } from './dom.ts';
import { formatAge, formatTime } from './format.ts';
import { streamState } from './header-view.ts';
import type { Store } from './store.ts';

export type BannerView = { readonly element: HTMLElement; draw(): void };

/** What is wrong with the way the data come, since when, and what the page does about it. */
export function bannerView(store: Store, serverNow: () => number): BannerView {
  const { state } = store;
  const text = h('span', {});
  const element = h('div', { class: 'banner', role: 'alert', hidden: true }, text);
  return {
    element,
    draw() {
      const now = serverNow();
      const words = trouble(now);
      show(element, words !== null);
      if (words) setText(text, words);
      const old = state.link === 'lost' || state.status?.redis === 'down';
      document.documentElement.classList.toggle('old-data', old && state.loaded);
    },
  };

  function trouble(now: number): string | null {
    const since = formatTime(state.linkSince, now);
    if (state.link === 'lost') {
      return `Connection to the dashboard server lost at ${since}. What you see is as of then. The page keeps trying and will catch up without a gap.`;
    }
    if (state.status?.redis === 'down') {
      const from = formatTime(state.status.redisSince, now);
      return `The dashboard server cannot reach Redis since ${from}. What you see is as of then. Nothing is lost: the results are in Kafka, and the page goes on by itself.`;
    }
    if (state.link === 'live' && state.status && state.status.view === null) {
      return 'No view process runs (npm run view), so nothing new can arrive. Results are kept in Kafka meanwhile.';
    }
    const { fresh, sinceMs } = streamState(store, now);
    if (fresh === 'stale') {
      return `No scan for ${formatAge(now - sinceMs)}: the last one ended at ${formatTime(sinceMs, now)}. Beam, scan or processor may have stopped.`;
    }
    return null;
  }
}
