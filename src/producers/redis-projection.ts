import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Redis, type RedisOptions } from 'ioredis';
import {
  accumulationKey,
  PROJECTION_SILENT_MS,
  type ProjectionReport,
  projectionKeys,
} from '../messages/projection.ts';
import type { Run } from '../messages/run.ts';
import { headline } from '../messages/scan-reading.ts';
import type {
  WireAccumulation,
  WireAcknowledgement,
  WireAnnotation,
  WireChangePoint,
  WireDeadLetter,
  WireDescriptors,
  WireRequest,
} from '../wire/generated.ts';
import {
  accumulationRow,
  acknowledgementRow,
  annotationRow,
  changePointRow,
  deadLetterRow,
  requestRow,
  runRow,
  scanRow,
} from './redis-projection-row.ts';

export type ProjectionLimits = {
  /** Entries of the event log that dashboards tail. */
  readonly events: number;
  /** Scan ids and dead-letter ids that are remembered, so that none is shown twice. */
  readonly seen: number;
  /** Scans kept whole, with their spectrum, and their bytes. */
  readonly scans: number;
  readonly scanBytes: number;
  /** Rows of one sample's history: the newest quarter whole, the rest thinned evenly. */
  readonly history: number;
  /** Samples with their accumulations, and runs; the one not heard of for longest goes first. */
  readonly samples: number;
  readonly runs: number;
  /** Dead letters kept with the head of their bytes; of changes, annotations, requests and answers as many each. */
  readonly deadLetters: number;
};

const PROJECTION_LIMITS: ProjectionLimits = {
  events: 10_000,
  seen: 100_000,
  scans: 20_000,
  scanBytes: 256 * 1024 * 1024,
  history: 1_000,
  samples: 500,
  runs: 100,
  deadLetters: 1_000,
};

/** What records of each kind of topic decode to. */
export type Projected = {
  readonly scan: { readonly event: WireDescriptors; readonly bytes: Buffer };
  readonly 'dead-letter': WireDeadLetter;
  readonly run: Run;
  readonly change: WireChangePoint;
  readonly annotation: WireAnnotation;
  readonly request: WireRequest;
  readonly acknowledgement: WireAcknowledgement;
  readonly accumulation: WireAccumulation;
};
export type ProjectedKind = keyof Projected;

/** Messages of one kind. */
export type ProjectedMessages = {
  readonly [K in ProjectedKind]: { readonly kind: K; readonly messages: readonly Projected[K][] };
}[ProjectedKind];

/** Records of one partition, decoded, and where in it the projection stands after them. */
export type ProjectionRecords = ProjectedMessages & {
  readonly topic: string;
  readonly partition: number;
  readonly to: bigint;
};

/** @property from position that Redis must hold for the records to be the next ones; null: none yet */
export type ProjectionBatch = ProjectionRecords & { readonly from: bigint | null };

/**
 * `applied: false`: nothing was written, since Redis stands elsewhere; read on from `position` (null: the beginning).
 */
export type ProjectionAnswer =
  | { readonly applied: true; readonly added: number }
  | { readonly applied: false; readonly position: bigint | null };

export type RedisProjection = {
  apply(batch: ProjectionBatch): Promise<ProjectionAnswer>;
  /** Offset from which the partition is to be read; null when Redis knows nothing of it. */
  position(topic: string, partition: number): Promise<bigint | null>;
  /**
   * Tells watchers that the projection `instance` runs, and how far the flow is behind. Forgets projections that fell
   * silent.
   */
  report(instance: string, report: Omit<ProjectionReport, 'at'>): Promise<void>;
  /** `maxmemory-policy` of Redis; null where this user may not see it. */
  evictionPolicy(): Promise<string | null>;
  close(): void;
};

const VALUE_HEAD_BYTES = 16_384;

/**
 * The projection of the committed topics into Redis. Data and position change in one step, so after a crash, an outage
 * or FLUSHALL what Redis holds is exactly what its positions say, and several projections cannot write a record twice.
 * Rejects while Redis cannot be reached: the caller tries again.
 */
export function redisProjection(options: {
  redis: Pick<RedisOptions, 'host' | 'port' | 'db' | 'username' | 'password' | 'tls'>;
  prefix: string;
  nowMs: () => number;
  limits?: ProjectionLimits;
  onRedisError?: (error: Error) => void;
}): RedisProjection {
  const { prefix, nowMs, limits = PROJECTION_LIMITS } = options;
  const keys = projectionKeys(prefix);
  const redis = new Redis({
    ...options.redis,
    enableOfflineQueue: false, // a call while Redis is away fails at once; the reader holds the batch, not this client
    maxRetriesPerRequest: 0,
    commandTimeout: 10_000,
    // Behind one address the master may have become a replica; a new connection finds the new master. Scripts put
    // words of their own before Redis'.
    reconnectOnError: (error) => error.message.includes('READONLY'),
    retryStrategy: (attempt) => Math.min(50 * attempt, 1000),
    scripts: { applyBatch: { lua: APPLY, numberOfKeys: 0 } },
  }) as Redis & { applyBatch(...args: (string | number | Buffer)[]): Promise<[number, string | number]> };
  redis.on('error', (error) => options.onRedisError?.(error));

  return {
    async apply(batch) {
      const now = Math.round(nowMs());
      const [applied, answer] = await redis.applyBatch(
        prefix,
        field(batch),
        batch.from?.toString() ?? '',
        batch.to.toString(),
        `${now}-${randomUUID()}`,
        limits.events,
        limits.seen,
        limits.scans,
        limits.history,
        limits.samples,
        limits.deadLetters,
        limits.runs,
        limits.scanBytes,
        now,
        batch.kind,
        DATED.has(batch.kind) ? 'dated' : '',
        ...argumentsOf(batch, now),
      );
      if (applied === 1) return { applied: true, added: Number(answer) };
      return { applied: false, position: answer === '' ? null : BigInt(answer) };
    },
    async position(topic, partition) {
      const held = await redis.hget(keys.positions, field({ topic, partition }));
      return held === null ? null : BigInt(held);
    },
    async report(instance, report) {
      const [seconds, microseconds] = await redis.time();
      const at = Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
      const others = await redis.hgetall(keys.projections);
      const silent = Object.keys(others).filter(
        (name) => JSON.parse(others[name]!).at < at - 6 * PROJECTION_SILENT_MS,
      );
      if (silent.length > 0) await redis.hdel(keys.projections, ...silent);
      await redis.hset(keys.projections, instance, JSON.stringify({ at, ...report }));
    },
    async evictionPolicy() {
      const memory = await redis.info('memory').catch((error: Error) => {
        if (error.message.startsWith('NOPERM')) return '';
        throw error;
      });
      return /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? null;
    },
    close: () => redis.disconnect(),
  };
}

const APPLY = readFileSync(new URL('redis-projection.lua', import.meta.url), 'utf8');

const field = ({ topic, partition }: { topic: string; partition: number }) => `${topic}/${partition}`;

type Arguments = (string | number | Buffer)[];

/** What the script is told of a message: as many words as its kind has there, or none. */
const ARGUMENTS: { readonly [K in ProjectedKind]: (message: Projected[K], now: number) => Arguments } = {
  scan: scanArguments,
  'dead-letter': deadLetterArguments,
  run: (run) => keyed('runId', runRow(run)),
  change: (change, now) => keyed('changeId', changePointRow(change, now)),
  annotation: (annotation, now) => keyed('annotationId', annotationRow(annotation, now)),
  request(request, now) {
    const row = requestRow(request, now);
    return [...keyed('requestId', row), upTo(now, row.askedAt)];
  },
  acknowledgement(acknowledgement, now) {
    const row = acknowledgementRow(acknowledgement, now);
    return row === null ? [] : [...keyed('requestId', row), upTo(now, row.at)];
  },
  accumulation(accumulation, now) {
    const row = accumulationRow(accumulation, now);
    return [accumulationKey(row), JSON.stringify(row)];
  },
};

/** Kinds whose messages say when they were made, behind their row. */
const DATED: ReadonlySet<ProjectedKind> = new Set(['request', 'acknowledgement']);

const argumentsOf = <K extends ProjectedKind>(
  { kind, messages }: { readonly kind: K; readonly messages: readonly Projected[K][] },
  now: number,
): Arguments => messages.flatMap((message) => ARGUMENTS[kind](message, now));

/** A row behind its id. */
const keyed = <Name extends string>(name: Name, row: Readonly<Record<Name, string>>): Arguments => [
  row[name],
  JSON.stringify(row),
];

/** A clock that runs far ahead must not keep what it dates for ever. */
const upTo = (now: number, atMs: number): number => Math.min(now, atMs);

function scanArguments({ event, bytes }: Projected['scan'], now: number): Arguments {
  const row = scanRow(event, now);
  const first = headline(row);
  const count = (verdict: string) => row.descriptors.filter((d) => d.verdict === verdict).length;
  const { beamline, origin, element, edge, model, modelHash } = row;
  return [
    row.scanId,
    row.sampleId,
    row.runId,
    row.partialOf ?? '',
    JSON.stringify(row),
    JSON.stringify([row.endedAt ?? row.publishedAt, first?.value ?? null, first?.verdict ?? 'REJECT']),
    bytes,
    JSON.stringify({ beamline, origin, element, edge, model, modelHash, engine: event.model.engine }),
    first?.verdict ?? 'REJECT',
    first?.reason ?? 'none',
    count('ACCEPT'),
    count('FLAG'),
    count('REJECT'),
  ];
}

function deadLetterArguments(deadLetter: WireDeadLetter, now: number): Arguments {
  const row = deadLetterRow(deadLetter, now);
  const headers = Object.entries(deadLetter.headers).slice(0, 32);
  return [
    row.deadLetterId,
    row.sampleId ?? '',
    row.runId ?? '',
    row.scanId ?? '',
    JSON.stringify(row),
    deadLetter.value?.subarray(0, VALUE_HEAD_BYTES) ?? '',
    deadLetter.key?.subarray(0, 256) ?? '',
    JSON.stringify(headers.map(([name, value]) => [name.slice(0, 100), value.toString('latin1', 0, 256)])),
    row.reason,
  ];
}
