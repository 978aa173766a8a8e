import { newestEntries } from '../common/newest-entries.ts';
import type { SourceRecord } from '../messages/record.ts';
import { isReject, type Reject, reject } from '../messages/reject.ts';
import { scanReader, schemaIdOf } from '../wire/scan-codec.ts';
import type { SchemaRegistry } from './schema-registry.ts';

export type KnownSchemasOptions = {
  readonly registry: Pick<SchemaRegistry, 'schemaOf'>;
  readonly nowMs: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** How long scans wait for a registry that is away. */
  readonly waitMs: number;
  /** A schema came to be known: whoever decodes must be told before the records are. */
  readonly onSchema: (id: number, schema: string) => void;
  readonly onFailure: (error: Error) => void;
};

export type KnownSchemas = {
  /** Looks up the schemas of these records; answers with those that stay without one, and why. */
  settle(records: readonly SourceRecord[]): Promise<ReadonlyMap<SourceRecord, Reject>>;
  /** All that are known, by their ids. */
  all(): ReadonlyMap<number, string>;
  /** Why the registry is held to be away; null: it is not. */
  away(): string | null;
  close(): void;
};

/** An answer that refuses holds for so long: an id may be registered a moment after its first record. */
const REFUSED_FOR_MS = 10_000;
const RETRY_AFTER_MS = 500;
/** Ids come from the wire: what they make us keep is bounded. */
const MOST_SCHEMAS = 1_000;
const MOST_REFUSED = 10_000;
/** Questions at a time. */
const LANES = 8;

/**
 * The schemas that records name by an id. An id means the same schema for ever, so that each is asked for once.
 *
 * While the registry is away scans wait, `waitMs` after it was first missed at the most, in all; from then on those
 * whose schema is not known are refused at once, and the registry is tried beside the flow until it answers again.
 * Others never wait for longer than that, and those whose schema is known not at all.
 */
export function knownSchemas(options: KnownSchemasOptions): KnownSchemas {
  const { registry, nowMs, sleep, waitMs, onSchema, onFailure } = options;
  const known = new Map<number, string>();
  const refused = newestEntries<number, { readonly because: Reject; readonly untilMs: number }>(MOST_REFUSED);
  const closing = new AbortController();
  let missing: { readonly sinceMs: number; because: string } | null = null;
  let trying = false;

  /** Asks once. Null: the schema is known now; undefined: the registry is away. */
  async function ask(id: number): Promise<Reject | null | undefined> {
    try {
      const answer = await registry.schemaOf(id);
      missing = null;
      const because = isReject(answer) ? answer : take(id, answer);
      if (because === null) return null;
      refused.set(id, { because, untilMs: nowMs() + REFUSED_FOR_MS });
      return because;
    } catch (error) {
      missing = { sinceMs: missing?.sinceMs ?? nowMs(), because: (error as Error).message };
      onFailure(error as Error);
      return undefined;
    }
  }

  function take(id: number, schema: string): Reject | null {
    const read = scanReader(schema, id);
    if (isReject(read)) return read;
    if (known.size >= MOST_SCHEMAS && !known.has(id))
      return reject(
        'unknown-schema',
        `Expected at most ${MOST_SCHEMAS} schemas in use, got schema ${id} beside them`,
      );
    known.set(id, schema);
    onSchema(id, schema);
    return null;
  }

  async function find(id: number, untilMs: number): Promise<Reject | null> {
    for (;;) {
      if (known.has(id)) return null;
      const before = refused.get(id);
      if (before !== undefined && before.untilMs > nowMs()) return before.because;
      if (nowMs() >= Math.min(untilMs, (missing?.sinceMs ?? untilMs) + waitMs)) {
        void tryBeside(id);
        return reject(
          'schema-registry-away',
          `Expected the registry to say within ${waitMs} ms what schema ${id} is, got ${missing?.because ?? 'no answer yet'}`,
        );
      }
      const answer = await ask(id);
      if (answer !== undefined) return answer;
      await sleep(Math.min(RETRY_AFTER_MS, waitMs), closing.signal);
      if (closing.signal.aborted) throw new Error('Expected to look up a schema, got the end of the service');
    }
  }

  /** One question after the other until the registry answers, whatever it answers. */
  async function tryBeside(id: number): Promise<void> {
    if (trying) return;
    trying = true;
    while (!closing.signal.aborted && (await ask(id)) === undefined)
      await sleep(RETRY_AFTER_MS, closing.signal);
    trying = false;
  }

  return {
    async settle(records) {
      const ids = new Map<number, SourceRecord[]>();
      for (const record of records) {
        const id = schemaIdOf(record);
        if (id === null || known.has(id)) continue;
        const ofId = ids.get(id);
        if (ofId === undefined) ids.set(id, [record]);
        else ofId.push(record);
      }
      const unread = new Map<SourceRecord, Reject>();
      const untilMs = nowMs() + waitMs;
      const queue = ids.entries();
      const lane = async () => {
        for (const [id, ofId] of queue) {
          const because = await find(id, untilMs);
          if (because !== null) for (const record of ofId) unread.set(record, because);
        }
      };
      await Promise.all(Array.from({ length: Math.min(LANES, ids.size) }, lane));
      return unread;
    },
    all: () => known,
    away: () => missing?.because ?? null,
    close: () => closing.abort(),
  };
}
