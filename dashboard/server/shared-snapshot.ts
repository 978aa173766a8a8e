import type { Cursor, JsonBytes, Snapshot } from '../protocol/events.ts';
import { jsonBytes } from './json-bytes.ts';

const FRESH_MS = 1000;

export type SharedSnapshot = {
  get(): Promise<JsonBytes<Snapshot>>;
  /** What `cursor` points to is no more: whoever began there must not be sent there again. */
  forget(cursor?: Cursor): void;
};

/**
 * One snapshot for all pages, read at most once a second: a page catches up from its cursor, so that an old one costs
 * it nothing, and a thousand pages that open cost Redis one.
 */
export function sharedSnapshot(read: () => Promise<Snapshot>, nowMs: () => number): SharedSnapshot {
  let held: { cursor: Cursor; bytes: JsonBytes<Snapshot>; at: number } | null = null;
  let reading: Promise<JsonBytes<Snapshot>> | null = null;

  async function readAnew(): Promise<JsonBytes<Snapshot>> {
    try {
      const at = nowMs();
      const snapshot = await read();
      const bytes = jsonBytes<Snapshot>(JSON.stringify(snapshot));
      held = { cursor: snapshot.cursor, bytes, at };
      return bytes;
    } finally {
      reading = null;
    }
  }

  return {
    async get() {
      if (held !== null && nowMs() - held.at < FRESH_MS) return held.bytes;
      reading ??= readAnew();
      return reading;
    },
    forget(cursor) {
      const is = held?.cursor;
      if (!cursor || (is?.id === cursor.id && is.generation === cursor.generation)) held = null;
    },
  };
}
