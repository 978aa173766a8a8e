import { readFileSync } from 'node:fs';
import { Redis, type RedisOptions } from 'ioredis';
import {
  PROJECTION_SILENT_MS,
  type ProjectionReport,
  projectionKeys,
} from '../../src/messages/projection.ts';
import type { RedisSettings } from '../../src/runtime/redis-settings.ts';
import { decodeDescriptors } from '../../src/wire/descriptors-codec.ts';
import type { WireDescriptors } from '../../src/wire/generated.ts';
import type {
  Cursor,
  DeadLetterDetail,
  Events,
  JsonBytes,
  LogEntry,
  RunRow,
  RunSummary,
  SampleSummary,
  ScanDetail,
  ScanRow,
  Snapshot,
  SpectraAnswer,
} from '../protocol/events.ts';
import { jsonBytes, jsonList } from './json-bytes.ts';
import { arrayBuffer, scanDetail, spectraOf } from './scan-detail.ts';

/** Dead letters, changes, annotations and requests, of each. */
const ROWS_IN_SNAPSHOT = 200;
const ENTRIES_A_PAGE = 500;
const ROWS_A_PAGE = 250;

export const BEGINNING = '0-0';

/** What the projection wrote, read back for the page. Every call rejects while Redis cannot be reached. */
export type RedisReader = ReturnType<typeof redisReader>;

export function redisReader(options: {
  redis: RedisSettings;
  prefix: string;
  onState: (up: boolean) => void;
  /** Redis answers with a refusal, as to a wrong password: no waiting mends it. */
  onError: (error: Error) => void;
}) {
  const keys = projectionKeys(options.prefix);
  const redis = new Redis({
    ...options.redis,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 5000,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1000),
    scripts: { readSnapshot: { lua: SNAPSHOT, numberOfKeys: 0 } },
  }) as Redis & { readSnapshot(prefix: string, rows: number): Promise<RawSnapshot> };
  redis.on('ready', () => options.onState(true));
  redis.on('close', () => options.onState(false));
  redis.on('error', options.onError);

  return {
    async snapshot(): Promise<Snapshot> {
      const raw = await redis.readSnapshot(options.prefix, ROWS_IN_SNAPSHOT);
      const [generation, id, samples, runs, deadLetters, deadLetterCount, ...others] = raw;
      const [changes, annotations, requests, acknowledgements, accumulations] = others;
      return {
        cursor: { generation, id },
        samples: samples.map(sampleSummary).filter((sample) => sample !== null),
        runs: runs.map(runSummary),
        deadLetters: deadLetters.map((row) => JSON.parse(row)),
        deadLetterCount,
        changes: changes.map((row) => JSON.parse(row)),
        annotations: annotations.map((row) => JSON.parse(row)),
        requests: requests.map((row) => JSON.parse(row)),
        acknowledgements: acknowledgements.map((row) => JSON.parse(row)),
        accumulations: accumulations.map((row) => JSON.parse(row)),
      };
    },

    /**
     * Entries after the cursor; null when the log no longer holds the entry it points to, so that a gap cannot be ruled
     * out.
     */
    async entriesAfter(
      cursor: Cursor,
    ): Promise<{ events: JsonBytes<Events>; to: Cursor; more: boolean } | null> {
      const start = cursor.id === BEGINNING ? '-' : cursor.id;
      const found = await redis.xrange(keys.events, start, '+', 'COUNT', ENTRIES_A_PAGE + 1);
      const [first] = found;
      if (cursor.id === BEGINNING) {
        if (await redis.exists(keys.positions)) return null; // was empty, no longer is
      } else if (first?.[0] !== cursor.id || generationOf(first) !== cursor.generation) return null;
      const after = cursor.id === BEGINNING ? found : found.slice(1);
      const last = after.at(-1);
      const to = last ? { generation: generationOf(last), id: last[0] } : cursor;
      return { events: eventsJson(cursor, to, after), to, more: found.length > ENTRIES_A_PAGE };
    },

    /**
     * Newest page first. Rows only move from recent to older, so what moves between two pages is seen twice, never
     * missed.
     */
    async history(
      sampleId: string,
      page: number,
    ): Promise<{ rows: JsonBytes<readonly ScanRow[]>; end: boolean }> {
      const rows =
        page === 0
          ? await redis.lrangeBuffer(keys.sampleRecent(sampleId), 0, -1)
          : await redis.lrangeBuffer(
              keys.sampleOlder(sampleId),
              -page * ROWS_A_PAGE,
              (1 - page) * ROWS_A_PAGE - 1,
            );
      return { rows: jsonList(rows), end: page > 0 && rows.length < ROWS_A_PAGE };
    },

    async scan(scanId: string): Promise<ScanDetail | null> {
      const [row, bytes] = await redis.hmgetBuffer(keys.scan(scanId), 'row', 'bytes');
      return row && bytes ? scanDetail(JSON.parse(row.toString()), bytes) : null;
    },

    async spectra(scanIds: readonly string[]): Promise<SpectraAnswer> {
      const found = await Promise.all(
        scanIds.map((scanId) => redis.hmgetBuffer(keys.scan(scanId), 'row', 'bytes')),
      );
      return spectraOf(
        found.map(([row, bytes]) => (row && bytes ? [JSON.parse(row.toString()), bytes] : null)),
      );
    },

    /** The newest scan of a sample; null: there is no such sample here. */
    async latestOf(sampleId: string): Promise<ScanRow | null> {
      const row = await redis.hget(keys.sample(sampleId), 'latest');
      return row === null ? null : JSON.parse(row);
    },

    /** Events of a sample's newest scans that Redis still holds, the oldest first; of one run where it is named. */
    async eventsOf(sampleId: string, runId: string | null, most: number): Promise<WireDescriptors[]> {
      const lists = [keys.sampleOlder(sampleId), keys.sampleRecent(sampleId)];
      const texts = (await Promise.all(lists.map((key) => redis.lrange(key, 0, -1)))).flat();
      const rows = texts.map((text) => JSON.parse(text) as ScanRow);
      const wanted = rows.filter((row) => runId === null || row.runId === runId).slice(-most);
      const events: WireDescriptors[] = [];
      for (const { scanId } of wanted) {
        const bytes = await redis.hgetBuffer(keys.scan(scanId), 'bytes');
        if (bytes) events.push(decodeDescriptors(bytes));
      }
      return events;
    },

    /** The descriptor event of a scan; null: Redis no longer holds it. */
    async event(scanId: string): Promise<WireDescriptors | null> {
      const bytes = await redis.hgetBuffer(keys.scan(scanId), 'bytes');
      return bytes && decodeDescriptors(bytes);
    },

    async deadLetter(deadLetterId: string): Promise<DeadLetterDetail | null> {
      const fields = await redis.hmgetBuffer(keys.deadLetter(deadLetterId), 'row', 'value', 'key', 'headers');
      const [row, value, key, headers] = fields;
      if (!row) return null;
      return {
        row: JSON.parse(row.toString()),
        value: arrayBuffer(value ?? Buffer.alloc(0)),
        key: arrayBuffer(key ?? Buffer.alloc(0)),
        headers: JSON.parse(headers?.toString() ?? '[]'),
      };
    },

    /** The projections that run, summed up; null when none does. */
    async projections(): Promise<ProjectionReport | null> {
      const [[seconds], reports] = await Promise.all([redis.time(), redis.hgetall(keys.projections)]);
      const nowMs = Number(seconds) * 1000; // the clock that reports go by
      const all = Object.values(reports).map((text) => JSON.parse(text) as ProjectionReport);
      const alive = all.filter(({ at }) => at > nowMs - PROJECTION_SILENT_MS).sort((a, b) => b.at - a.at);
      const [newest] = alive;
      return newest
        ? { ...newest, projectionLag: alive.reduce((sum, { projectionLag }) => sum + projectionLag, 0) }
        : null;
    },

    /** Where the log ends now. */
    async end(): Promise<Cursor> {
      const [last] = await redis.xrevrange(keys.events, '+', '-', 'COUNT', 1);
      return last ? { generation: generationOf(last), id: last[0] } : { generation: '', id: BEGINNING };
    },

    /** Waits up to `forMs` for what follows the cursor; holds up its connection meanwhile. */
    async waitForEntries(connection: Redis, cursor: Cursor, forMs: number): Promise<Events> {
      const answer = await connection.xread(
        'COUNT',
        ENTRIES_A_PAGE,
        'BLOCK',
        forMs,
        'STREAMS',
        keys.events,
        cursor.id,
      );
      return eventsFrom(cursor, answer?.[0]?.[1] ?? []);
    },

    /** A connection of its own, for blocking reads and subscriptions. */
    another(options: RedisOptions = {}): Redis {
      const other = redis.duplicate({ commandTimeout: undefined, ...options });
      other.on('error', () => {});
      return other;
    },
    close: () => redis.disconnect(),
  };
}

type RawSnapshot = [
  generation: string,
  id: string,
  samples: [id: string, fields: string[], trail: string[]][],
  runs: [id: string, fields: string[], samples: string[], state: string][],
  deadLetters: string[],
  deadLetterCount: number,
  changes: string[],
  annotations: string[],
  requests: string[],
  acknowledgements: string[],
  accumulations: string[],
];

type RawEntry = [id: string, fields: string[]];

const SNAPSHOT = readFileSync(new URL('snapshot.lua', import.meta.url), 'utf8');

function eventsFrom(from: Cursor, raw: readonly RawEntry[]): Events {
  const last = raw.at(-1);
  const to = last ? { generation: generationOf(last), id: last[0] } : from;
  return { from, to, entries: raw.map(parse) };
}

/** As eventsFrom, but as JSON and without parsing the rows. */
function eventsJson(from: Cursor, to: Cursor, raw: readonly RawEntry[]): JsonBytes<Events> {
  const entries = raw.map(([id, fields]) => {
    const { kind, row } = record(fields);
    return `{"id":${JSON.stringify(id)},"kind":${JSON.stringify(kind)},"row":${row ?? 'null'}}`;
  });
  return jsonBytes(
    `{"from":${JSON.stringify(from)},"to":${JSON.stringify(to)},"entries":[${entries.join(',')}]}`,
  );
}

const generationOf = ([, fields]: RawEntry): string => record(fields).generation ?? '';

function parse([id, fields]: RawEntry): LogEntry {
  const { kind, row } = record(fields);
  return { id, kind, row: JSON.parse(row ?? 'null') } as LogEntry;
}

function record(fields: readonly string[]): Record<string, string | undefined> {
  const found: Record<string, string> = {};
  for (let i = 0; i + 1 < fields.length; i += 2) found[fields[i]!] = fields[i + 1]!;
  return found;
}

function sampleSummary([sampleId, fields, trail]: RawSnapshot[2][number]): SampleSummary | null {
  const found = record(fields);
  const measured: ScanRow | null = found.measured ? JSON.parse(found.measured) : null;
  const latest: ScanRow | null = found.latest ? JSON.parse(found.latest) : measured;
  if (latest === null) return null;
  const count = (name: string) => Number(found[name] ?? 0);
  const rejected = Object.keys(found).filter((name) => name.startsWith('REJECT '));
  return {
    sampleId,
    latest,
    measured,
    trail: trail.map((point) => JSON.parse(point)),
    counts: {
      scans: count('scans'),
      accepted: count('ACCEPT'),
      flagged: count('FLAG'),
      rejected: count('REJECT'),
      rejectedFor: Object.fromEntries(rejected.map((name) => [name.slice('REJECT '.length), count(name)])),
      deadLetters: count('dead-letters'),
    },
  };
}

function runSummary([runId, fields, samples, state]: RawSnapshot[3][number]): RunSummary {
  const found = record(fields);
  const count = (name: string) => Number(found[name] ?? 0);
  return {
    runId,
    ...JSON.parse(found.about ?? '{}'),
    scans: count('scans'),
    deadLetters: count('dead-letters'),
    accepted: count('ACCEPT'),
    flagged: count('FLAG'),
    rejected: count('REJECT'),
    lastAt: count('lastAt'),
    samples,
    said: state === '' ? null : (JSON.parse(state) as RunRow),
  };
}
