import type { JsonBytes, ScanRow, Unavailable } from '../../../protocol/events.ts';
import type { PageSocket } from './connection.ts';
import { fromJson } from './from-json.ts';
import type { Store } from './store.ts';

const ANSWER_WITHIN_MS = 10_000;

/**
 * Fetches the rows of the chosen sample, newest first, unless they are here. Scans that arrive meanwhile are added as
 * they come; what is found twice is kept once.
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
    for (let page = 0, end = false; !end; page++) {
      const found: { rows: JsonBytes<readonly ScanRow[]>; end: boolean } | Unavailable = await socket
        .timeout(ANSWER_WITHIN_MS)
        .emitWithAck('history', sampleId!, page);
      if ('unavailable' in found) throw new Error(found.unavailable);
      if (state.histories.get(sampleId!) !== history) return;
      store.addHistory(history, fromJson(found.rows), found.end);
      end = found.end;
    }
  }
}
