import { addressOf, choiceOf } from './choice.ts';
import type { Store } from './store.ts';

/** Browsers complain of a page that writes its address more often. */
const AT_MOST_EVERY_MS = 300;

/** Keeps the page's address in step with what is looked at: a copied link shows the same. */
export function keepAddress({ state, listen, look }: Store): void {
  let written = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  function write(): void {
    timer = undefined;
    const address = addressOf(state.choice);
    if (address === written) return;
    written = address;
    history.replaceState(null, '', address === '' ? location.pathname : `#${address}`);
  }
  addEventListener('hashchange', () => look(choiceOf(location.hash.slice(1)))); // written by hand, or a link
  listen(() => {
    if (timer === undefined) timer = setTimeout(write, AT_MOST_EVERY_MS);
  });
}
