import type { Cursor, Events } from '../protocol/events.ts';
import { BEGINNING, type RedisReader } from './redis-reader.ts';

const WAIT_MS = 2000;
/** One emission for all that comes within: 100 scans a second would else be 100 packets a second to every page. */
const GATHER_MS = 25;

export type Tail = { end(): Cursor; close(): Promise<void> };

/**
 * Follows the end of the event log and hands on what comes, in order and once. `onRebuilt`: the log no longer continues
 * from where we were. Every server does this for its own pages, so that none leads and any may die.
 */
export function tail(
  reader: RedisReader,
  on: { events: (events: Events) => void; rebuilt: () => void; sleep: (ms: number) => Promise<void> },
): Tail {
  const connection = reader.another({ maxRetriesPerRequest: 0, enableOfflineQueue: false });
  let end: Cursor = { generation: '', id: BEGINNING };
  let closing = false;
  let begun = false;
  let sure = false; // whether the log is known to continue from `end`

  async function follow(): Promise<void> {
    while (!closing) {
      try {
        if (!sure) await findPlace();
        const events = await reader.waitForEntries(connection, end, WAIT_MS);
        if (events.entries.length === 0)
          sure = false; // emptied while nothing comes
        else await handOn(events);
      } catch {
        sure = false; // Redis may come back empty
        if (!closing) await on.sleep(200);
      }
    }
  }

  async function findPlace(): Promise<void> {
    const empty = begun && end.id === BEGINNING; // then whatever comes is what follows
    if (!empty && (!begun || (await reader.entriesAfter(end)) === null)) {
      end = await reader.end();
      if (begun) on.rebuilt();
    }
    begun = true;
    sure = true;
  }

  async function handOn(events: Events): Promise<void> {
    if (end.generation !== '' && events.to.generation !== end.generation) {
      end = events.to;
      on.rebuilt();
      return;
    }
    end = events.to;
    on.events(events);
    await on.sleep(GATHER_MS);
  }

  const following = follow();
  return {
    end: () => end,
    async close() {
      closing = true;
      connection.disconnect();
      await following;
    },
  };
}
