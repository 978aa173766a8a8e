import { Decoder } from '@msgpack/msgpack';
import { z } from 'zod';
import type { SourceRecord } from '../messages/record.ts';
import { type Reject, reject } from '../messages/reject.ts';
import { isMsgpack } from '../wire/is-msgpack.ts';
import { BINARY_KEY } from './numpy-array.ts';

/** Values of a document as they stand: numbers, text, lists, maps, NumPy arrays (`numbersOf` reads those). */
export type Fields = Readonly<Record<string, unknown>>;

export type DataKey = { readonly shape: readonly (number | null)[]; readonly units: string | null };

export type BlueskyEvent = {
  /** From 1 within its stream. */
  readonly sequence: number;
  readonly timeMs: number;
  readonly data: Fields;
  /** Names of data that this event only points to, in a file. */
  readonly elsewhere: readonly string[];
};

/** A Bluesky document, as far as scans are made of it. Times are ms since 1970. */
export type BlueskyDocument =
  | { readonly kind: 'start'; readonly run: string; readonly timeMs: number; readonly fields: Fields }
  | {
      readonly kind: 'descriptor';
      readonly uid: string;
      readonly run: string;
      readonly stream: string;
      readonly dataKeys: Readonly<Record<string, DataKey>>;
      readonly fields: Fields;
    }
  | { readonly kind: 'events'; readonly descriptor: string; readonly events: readonly BlueskyEvent[] }
  | {
      readonly kind: 'stop';
      readonly run: string;
      readonly timeMs: number;
      /** success, abort or fail. */
      readonly exitStatus: string;
      readonly reason: string;
      /** Events by stream; null where the document does not say. */
      readonly events: Readonly<Record<string, number>> | null;
    }
  /** Documents about files: nothing is read of them. */
  | { readonly kind: 'other'; readonly name: string };

const MOST_EVENTS_OF_PAGE = 100_000;

const decoder = new Decoder({
  mapKeyConverter(key) {
    if (typeof key === 'string' || typeof key === 'number') return key;
    if (key instanceof Uint8Array) return BINARY_KEY + Buffer.from(key).toString('latin1');
    throw new TypeError('a key of a map is neither text nor bytes');
  },
});

const uid = z.string().min(1).max(200);
const seconds = z
  .number()
  .min(0)
  .lt(4_102_444_800, { error: 'expected seconds since 1970, before 2100' })
  .transform((value) => 1000 * value);
const fields = z.record(z.string(), z.unknown());
const count = z.number().int().min(0);

const dataKey = z.object({
  shape: z.array(z.number().nullable()).default([]),
  units: z.string().nullish(),
});
const DOCUMENTS = {
  start: z.looseObject({ uid, time: seconds }),
  descriptor: z.looseObject({
    uid,
    run_start: uid,
    name: z.string().default('primary'),
    data_keys: z.record(z.string(), dataKey),
  }),
  event: z.looseObject({
    descriptor: uid,
    seq_num: count,
    time: seconds,
    data: fields,
    filled: fields.default({}),
  }),
  event_page: z.looseObject({
    descriptor: uid,
    seq_num: z.array(count).max(MOST_EVENTS_OF_PAGE),
    time: z.array(seconds),
    data: z.record(z.string(), z.unknown()),
    filled: z.record(z.string(), z.unknown()).default({}),
  }),
  stop: z.looseObject({
    run_start: uid,
    time: seconds,
    exit_status: z.string().default('success'),
    reason: z.string().default(''),
    num_events: z.record(z.string(), count).optional(),
  }),
} as const;

const OTHERS: ReadonlySet<string> = new Set([
  ...['resource', 'datum', 'datum_page', 'stream_resource', 'stream_datum', 'bulk_events', 'bulk_datum'],
]);

/**
 * A record of a Bluesky topic, msgpack of `[name, document]` (bluesky-kafka), as a document; or why it is none.
 * https://blueskyproject.io/event-model
 */
export function decodeDocument(record: Pick<SourceRecord, 'value'>): BlueskyDocument | Reject {
  const bad = (detail: string): Reject => reject('malformed-document', detail);
  if (record.value === null || record.value.length === 0)
    return bad('Expected msgpack of [name, document] in the record value, got none');
  let decoded: unknown;
  try {
    if (!isMsgpack(record.value)) throw new Error('they are none, or claim more items than there are bytes');
    decoded = decoder.decode(record.value);
  } catch (error) {
    return bad(
      `Expected ${record.value.length} bytes of msgpack of [name, document]: ${(error as Error).message}`,
    );
  }
  if (!Array.isArray(decoded) || decoded.length !== 2 || typeof decoded[0] !== 'string')
    return bad(`Expected msgpack of [name, document], got ${short(decoded)}`);
  const [name, content] = decoded as [string, unknown];
  if (OTHERS.has(name)) return { kind: 'other', name };
  if (!Object.hasOwn(DOCUMENTS, name))
    return bad(`Expected the name of a Bluesky document, got ${short(name)}`);
  const parsed = DOCUMENTS[name as keyof typeof DOCUMENTS].safeParse(content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    return bad(`Expected ${[name, ...issue.path].join('.')}: ${issue.message}`);
  }
  return documentOf(name as keyof typeof DOCUMENTS, parsed.data as never);
}

type Parsed = { [K in keyof typeof DOCUMENTS]: z.output<(typeof DOCUMENTS)[K]> };

function documentOf<Name extends keyof Parsed>(name: Name, parsed: Parsed[Name]): BlueskyDocument | Reject {
  switch (name) {
    case 'start': {
      const start = parsed as Parsed['start'];
      return { kind: 'start', run: start.uid, timeMs: start.time, fields: start };
    }
    case 'descriptor': {
      const descriptor = parsed as Parsed['descriptor'];
      const dataKeys = Object.fromEntries(
        Object.entries(descriptor.data_keys).map(([key, { shape, units }]) => [
          key,
          { shape, units: units ?? null },
        ]),
      );
      const { uid, run_start: run, name: stream } = descriptor;
      return { kind: 'descriptor', uid, run, stream, dataKeys, fields: descriptor };
    }
    case 'event': {
      const { descriptor, seq_num, time, data, filled } = parsed as Parsed['event'];
      // A text is the key of what was filled in; only `false` says that the data are elsewhere.
      const elsewhere = Object.keys(filled).filter((key) => filled[key] === false);
      return {
        kind: 'events',
        descriptor,
        events: [{ sequence: seq_num, timeMs: time, data, elsewhere }],
      };
    }
    case 'event_page':
      return eventsOfPage(parsed as Parsed['event_page']);
    default: {
      const { run_start, time, exit_status, reason, num_events } = parsed as Parsed['stop'];
      const events = num_events ?? null;
      return { kind: 'stop', run: run_start, timeMs: time, exitStatus: exit_status, reason, events };
    }
  }
}

function eventsOfPage(page: Parsed['event_page']): BlueskyDocument | Reject {
  const { descriptor, seq_num, time, data, filled } = page;
  const columns = Object.entries(data);
  const short = columns.find(([, values]) => !Array.isArray(values) || values.length !== seq_num.length)?.[0];
  if (short !== undefined || time.length !== seq_num.length) {
    const column = short === undefined ? 'time' : `data.${short}`;
    return reject(
      'malformed-document',
      `Expected event_page.${column} to have ${seq_num.length} items, as seq_num has`,
    );
  }
  // Columns of another length say nothing: any number of them would be asked for each event.
  const partly = Object.entries(filled).filter(
    (entry): entry is [string, unknown[]] =>
      Array.isArray(entry[1]) && entry[1].length === seq_num.length && entry[1].includes(false),
  );
  return {
    kind: 'events',
    descriptor,
    events: seq_num.map((sequence, i) => ({
      sequence,
      timeMs: time[i]!,
      data: Object.fromEntries(columns.map(([key, values]) => [key, (values as unknown[])[i]])),
      elsewhere: partly.flatMap(([key, column]) => (column[i] === false ? [key] : [])),
    })),
  };
}

/** What came from the wire goes into logs and screens: bounded, and on one line. */
function short(value: unknown): string {
  const text = Array.isArray(value)
    ? `a list of ${value.length}`
    : value instanceof Uint8Array
      ? 'bytes'
      : typeof value === 'object' && value !== null
        ? 'a map'
        : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
