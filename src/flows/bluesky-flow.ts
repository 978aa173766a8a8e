import type { RunAssembler } from '../bluesky/assemble-runs.ts';
import { decodeDocument } from '../bluesky/decode-document.ts';
import type { BlueskyMapping } from '../bluesky/mapping.ts';
import type { LeastRange } from '../bluesky/previews.ts';
import { type Reading, reading, type Taken, type Wait } from '../bluesky/reading.ts';
import type { Clock } from '../common/clock.ts';
import { isFatal } from '../common/errors.ts';
import type { GroupActivity } from '../consumers/group-activity.ts';
import { inTurn } from '../consumers/in-turn.ts';
import type { PartitionBatch, Standing, Waiting } from '../consumers/scan-handlers.ts';
import type { ScanSource } from '../consumers/scan-source.ts';
import { offsetMetadataOf } from '../consumers/topic-identity.ts';
import type { MadeScan } from '../messages/made-scan.ts';
import type { SourceRecord } from '../messages/record.ts';
import { isReject, type Reject, reject } from '../messages/reject.ts';
import { partialOf } from '../messages/scan.ts';
import type { ScanPublisher } from '../producers/scan-publisher.ts';
import { type Logger, sourceReports } from '../runtime/telemetry.ts';
import type { BlueskyMetrics } from './bluesky-metrics.ts';
import { isTheBrokers, retryAfterMs } from './culprits.ts';
import type { StreamFlow } from './stream-flow.ts';

export type BlueskyParts = {
  readonly source: ScanSource;
  readonly mapping: BlueskyMapping;
  /** What a preview must cover; without it there are none. */
  readonly leastRange?: LeastRange | undefined;
  readonly publisher: ScanPublisher;
  /** What was committed for a group of a partition of the documents' topic. */
  readonly committed: (
    groupId: string,
    partition: number,
  ) => Promise<{ readonly offset: bigint; readonly metadata: string | null }>;
  /** Whether documents lie in a partition from an offset on. */
  readonly isMore: (partition: number, from: bigint) => Promise<boolean>;
  readonly groupId: string;
  readonly activity: GroupActivity;
  readonly clock: Clock;
  readonly metrics: BlueskyMetrics;
  readonly logger: Logger;
  readonly onFatal: (error: Error) => void;
};

/** What is known during one assignment of the group; given up whole when anything of it may be wrong. */
type State = {
  readonly documents: Reading;
  claimed: Promise<void> | null;
  /** Another process has shut this one out: nothing is claimed before the group has answered a heartbeat. */
  isShutOut: boolean;
};

const TICK_MS = 1000;

/**
 * The flow: documents -> runs -> scans -> publish and commit. One member of the group reads all partitions, since a run
 * may lie in several. A transaction holds the scans, how far the topic was read (the group's offsets), and from where
 * it must be read again to know the runs that are open (those of `openGroup`).
 */
export function blueskyFlow(parts: BlueskyParts): StreamFlow {
  const { source, mapping, publisher, activity, clock, metrics, logger, groupId } = parts;
  const openGroup = openGroupOf(groupId);
  const turns = inTurn<'state'>();
  const inTheTurn = <Result>(run: () => Promise<Result>) => turns('state', run);
  const closing = new AbortController();
  let failures = 0;

  const newState = (assigned: readonly number[]): State => ({
    documents: reading({
      ...{ assigned, mapping, settle, nowMs: clock.nowMs },
      leastRange: parts.leastRange,
      isMore: parts.isMore,
      onRebuilt: (openRuns) => logger.info({ openRuns }, 'open runs were read again'),
    }),
    claimed: null,
    isShutOut: false,
  });
  let state = newState([]);

  async function claim(): Promise<void> {
    const mine = state;
    if (mine.isShutOut) {
      source.assignAgain();
      throw new Error('Expected to work alone, and another process took the documents over');
    }
    mine.claimed ??= inTheTurn(() => publisher.claim());
    try {
      await mine.claimed;
    } catch (error) {
      mine.claimed = null;
      throw error;
    }
  }

  /** Where a partition is read from: where its oldest open run begins. */
  async function beginAt(partition: number, { topicId, position, first }: Standing): Promise<bigint> {
    const mine = state;
    if (mine.documents.has(partition)) {
      // What the runs held of the other partitions is read once an assignment: one of them begun anew begins all.
      source.assignAgain();
      throw new Error(`Expected partition ${partition} to be begun once; all partitions are read again`);
    }
    const open = await parts.committed(openGroup, partition);
    const { next, oldest } = mine.documents.begin(partition, { topicId, position, first, open });
    if (oldest < first)
      logger.warn(
        { partition, from: String(oldest), first: String(first) },
        'documents of open runs are gone',
      );
    // What was fetched of the others may have waited for this one.
    void inTheTurn(() => readOn(mine)).catch((error) => parts.onFatal(error as Error));
    return next;
  }

  async function process({
    partition,
    records,
    nextOffset,
    lag,
  }: PartitionBatch): Promise<boolean | Waiting> {
    const mine = state;
    if (!mine.documents.has(partition)) return false;
    const until = mine.documents.put(partition, { records, nextOffset, lag });
    metrics.lag.set({ partition }, lag + records.length); // it is behind also if nothing is ever committed
    await inTheTurn(() => readOn(mine));
    return mine.documents.isLeft(partition) ? { until } : until;
  }

  /** Takes what was fetched, and commits, until nothing is left of it or it waits. For whoever has the turn. */
  async function readOn(mine: State): Promise<void> {
    while (!closing.signal.aborted) {
      const taken = mine === state ? await mine.documents.take() : null;
      if (taken === null || !(await commit(mine, taken))) break;
    }
    metrics.waiting.set(state.documents.waiting()?.partitions.length ?? 0);
  }

  function settle(assembler: RunAssembler, record: SourceRecord): readonly MadeScan[] {
    const dead = (because: Reject): readonly MadeScan[] => [
      { kind: 'dead-letter', record, scan: null, reject: because },
    ];
    if (record.withheld !== undefined) return dead(reject('not-unpacked', record.withheld));
    try {
      const document = decodeDocument(record);
      if (isReject(document)) return dead(document);
      metrics.documents.inc({ kind: document.kind });
      return assembler.add(document, record, clock.nowMs());
    } catch (error) {
      // A bug that one document brings to light must not hold up those behind it.
      logger.error({ offset: String(record.offset), err: error }, 'a document could not be dealt with');
      const what = error instanceof Error ? error.message : String(error);
      return dead(reject('stage-failed', `Expected to take this document in, got the error: ${what}`));
    }
  }

  async function commit(mine: State, taken: Taken): Promise<boolean> {
    const read = taken.read.map(({ topicId, ...each }) => ({ ...each, metadata: offsetMetadataOf(topicId) }));
    let published: readonly MadeScan[];
    try {
      const result = await publisher.commit(taken.made, [
        { groupId, offsets: read },
        { groupId: openGroup, offsets: taken.open },
      ]);
      if (result === 'fenced') {
        logger.warn('another process took the documents over');
        mine.isShutOut = true;
        mine.documents.giveUp();
        return false;
      }
      published = result;
    } catch (error) {
      if (isFatal(error)) {
        parts.onFatal(error as Error);
        mine.documents.giveUp();
        return false;
      }
      failures += 1;
      metrics.retries.inc();
      const because = error instanceof Error ? error.message : String(error);
      for (const partition of source.assigned()) activity.waits(String(partition), 'commit', because);
      const level = isTheBrokers(error) ? 'warn' : 'error';
      logger[level]({ err: error, failures }, 'not committed; documents will be read again');
      await clock.sleep(retryAfterMs(failures), closing.signal);
      // What was put together may not be what was committed: all is claimed and read again.
      mine.documents.giveUp();
      if (mine === state) source.assignAgain();
      return false;
    }
    failures = 0;
    mine.documents.committed(taken);
    activity.succeeded('commit');
    for (const partition of source.assigned()) activity.settled(String(partition), 'commit');
    count(mine, taken, published);
    return true;
  }

  function count(mine: State, { read }: Taken, published: readonly MadeScan[]): void {
    if (mine === state) for (const { partition, lag } of read) metrics.lag.set({ partition }, lag);
    for (const each of published) {
      if (each.kind === 'scan' && partialOf(each.scan.metadata) !== null) metrics.previews.inc();
      else if (each.kind === 'scan') metrics.scans.inc({ mode: each.scan.mode });
      else if (each.kind === 'run') metrics.runs.inc({ state: each.run.state });
      else metrics.deadLetters.inc({ reason: each.reject.reason });
    }
    const { openRuns, unplaced } = mine.documents.counts();
    metrics.openRuns.set(openRuns);
    metrics.unplaced.set(unplaced);
  }

  /** Runs without a stop and events without a descriptor are given up only when nothing is left to be read. */
  async function settleOverdue(): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(TICK_MS, closing.signal);
      await inTheTurn(async () => {
        const mine = state;
        if (closing.signal.aborted) return;
        await readOn(mine); // what it waited for may be gone
        const taken = mine === state ? await mine.documents.takeOverdue() : null;
        if (taken !== null) await commit(mine, taken);
      }).catch((error) => parts.onFatal(error as Error));
    }
  }
  let overdue: Promise<void> = Promise.resolve();

  return {
    async start() {
      await source.start({
        onAssigned(assigned) {
          metrics.lag.reset(); // another may have what was ours
          metrics.waiting.set(0);
          state.documents.giveUp();
          state = newState(assigned);
        },
        claim,
        beginAt,
        process,
        ...sourceReports('documents', parts),
      });
      overdue = settleOverdue();
    },
    connectionLost() {
      publisher.connectionLost();
      if (!state.isShutOut) source.assignAgain(); // else only after the group has answered
    },
    healthy: () => ({ ok: true, detail: {} }),
    ready() {
      const { openRuns } = state.documents.counts();
      const wait = state.documents.waiting();
      const waiting = wait === null ? {} : { waiting: waitWords(wait, clock.nowMs()) };
      const detail = { assigned: source.assigned(), openRuns, ...waiting };
      if (closing.signal.aborted) return { ok: false, detail: { reason: 'closing', ...detail } };
      const group = activity.readiness();
      return { ok: group.ok, detail: { ...group.detail, ...detail } };
    },
    async close() {
      closing.abort();
      await source.close();
      await overdue;
      await publisher.close();
    },
  };
}

/** Why nothing moves, for whoever asks: `partitions 0, 1 waiting since 40 s for partition 2: …`. */
function waitWords({ partitions, for: awaited, why, sinceMs }: Wait, nowMs: number): string {
  const named = (some: readonly number[]) => `partition${some.length === 1 ? '' : 's'} ${some.join(', ')}`;
  const seconds = Math.round((nowMs - sinceMs) / 1000);
  return `${named(partitions)} waiting since ${seconds} s for ${named(awaited)}: ${WHY_WAITING[why]}`;
}

const WHY_WAITING: Readonly<Record<Wait['why'], string>> = {
  unclaimed: 'not claimed yet',
  'read-again': 'documents of open runs are read again',
  behind: 'further behind, with documents that may complete what is open',
};

/** The group whose offsets say from where open runs must be read again. */
export const openGroupOf = (groupId: string): string => `${groupId}-open`;
