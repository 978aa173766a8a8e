import type { PageSocket } from './connection.ts';
import type { Store } from './store.ts';

const ANSWER_WITHIN_MS = 10_000;

/**
 * Fetches the rows of the chosen sample, newest page first, unless the page has them. Scans that arrive meanwhile are
 * added as they come, and move later pages back by as many rows: pages then overlap and never leave a gap.
 */
export function loadHistory(store: Store, socket: PageSocket): void {
  const { state } = store;
  const { sampleId } = state.choice;
  if (sampleId === null || !state.loaded || state.link !== 'live') return;
  if (state.histories.has(sampleId) || !state.samples.has(sampleId)) return;
  const history = store.beginHistory(sampleId);
  void load().catch(() => {
    if (state.histories.get(sampleId) === history) state.histories.delete(sampleId); // asked again with the next change
  });

  async function load(): Promise<void> {
    for (let skip = 0, end = false; !end; ) {
      const page = await socket.timeout(ANSWER_WITHIN_MS).emitWithAck('history', sampleId!, skip);
      if ('unavailable' in page) throw new Error(page.unavailable);
      if (state.histories.get(sampleId!) !== history) return;
      store.addHistory(history, page.rows, page.end);
      skip += page.rows.length;
      end = page.end;
    }
  }
}
