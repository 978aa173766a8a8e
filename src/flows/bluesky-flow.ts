import { type RunAssembler, runAssembler } from '../bluesky/assemble-runs.ts';
import { decodeDocument } from '../bluesky/decode-document.ts';
import { type HeldPartition, heldPartition, readHeldPartition } from '../bluesky/held-state.ts';
import type { BlueskyMapping } from '../bluesky/mapping.ts';
import type { LeastRange } from '../bluesky/previews.ts';
import type { Held } from '../bluesky/unplaced-events.ts';
import type { Clock } from '../common/clock.ts';
import { isFatal } from '../common/errors.ts';
import type { GroupActivity } from '../consumers/group-activity.ts';
import { inTurn } from '../consumers/in-turn.ts';
import type { PartitionBatch, Standing } from '../consumers/scan-handlers.ts';
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

/** Where one partition stands. */
type Partition = {
  readonly topicId: string;
  /** What lies before was dealt with before; it is read again only to know the open runs. */
  readonly standing: bigint;
  readonly held: Held | null;
  next: bigint;
  /** When the last document that was read of it was published, ms since 1970. */
  readMs: number;
  committed: HeldPartition | null;
};

/** All that is known during one assignment of the group; given up whole when anything of it may be wrong. */
type State = {
  readonly assigned: readonly number[];
  readonly partitions: Map<number, Partition>;
  claimed: Promise<void> | null;
  /** Null until it is known of all partitions where they stand. */
  assembler: RunAssembler | null;
  /** Whether all that must be read again was read. */
  isRebuilt: boolean;
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
  let state: State = newState([]);
  let failures = 0;

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
  async function beginAt(partition: number, standing: Standing): Promise<bigint> {
    const { topicId, position, first } = standing;
    const mine = state;
    if (mine.partitions.has(partition)) {
      // What the runs held of the other partitions is read once an assignment: one of them begun anew begins all.
      source.assignAgain();
      throw new Error(`Expected partition ${partition} to be begun once; all partitions are read again`);
    }
    const { offset, metadata } = await parts.committed(openGroup, partition);
    const held = readHeldPartition(offset, metadata, topicId);
    const from = held?.oldest ?? position;
    const next = within(first, from, position);
    if (from < first)
      logger.warn({ partition, from: String(from), first: String(first) }, 'documents of open runs are gone');
    const readMs = Number.NEGATIVE_INFINITY;
    mine.partitions.set(partition, { topicId, standing: position, held, next, readMs, committed: null });
    if (mine.partitions.size === mine.assigned.length) {
      const ended = [...mine.partitions.values()].flatMap((each) => each.held?.ended ?? []);
      mine.assembler = runAssembler(mapping, { ended: [...new Set(ended)], leastRange: parts.leastRange });
      rebuiltWhenAllIsRead(mine, mine.assembler);
    }
    return next;
  }

  /** What must be read again was read: what belongs to runs that had ended is forgotten, and the rest goes on. */
  function rebuiltWhenAllIsRead(mine: State, assembler: RunAssembler): void {
    if (mine.isRebuilt || [...mine.partitions.values()].some(({ next, standing }) => next < standing)) return;
    const held = new Map<number, Held>();
    for (const [partition, each] of mine.partitions) if (each.held !== null) held.set(partition, each.held);
    assembler.keepOnly(held);
    mine.isRebuilt = true;
    const { openRuns } = assembler.counts();
    if (openRuns > 0) logger.info({ openRuns }, 'open runs were read again');
  }

  async function process(batch: PartitionBatch): Promise<boolean | 'later'> {
    const mine = state;
    const at = mine.partitions.get(batch.partition);
    if (at === undefined || mine.isShutOut) return false;
    const { assembler } = mine;
    if (assembler === null) return 'later'; // other partitions are still being claimed
    const unread = batch.records.filter(({ offset }) => offset >= at.next);
    if (at.next < at.standing) {
      // What comes of these was published before.
      for (const record of unread) {
        if (record.offset >= at.standing) break;
        settle(assembler, record);
        at.readMs = record.timestampMs;
      }
      at.next = within(at.next, batch.nextOffset, at.standing);
      rebuiltWhenAllIsRead(mine, assembler);
      if (batch.nextOffset <= at.standing) return true;
    }
    if (!mine.isRebuilt) return 'later'; // other partitions are still being read again
    if (batch.nextOffset <= at.next) return true; // of a batch that came before, and was larger then
    const live = unread.filter(({ offset }) => offset >= at.standing);
    return inTheTurn(async () => {
      if (mine !== state || mine.isShutOut) return false;
      const { made, taken } = await takeIn(mine, assembler, batch.partition, live);
      const left = live.length - taken;
      metrics.lag.set({ partition: batch.partition }, batch.lag + left);
      if (left > 0 && taken === 0) return 'later';
      at.next = live[taken]?.offset ?? batch.nextOffset;
      if (!(await commit(mine, made, [batch.partition]))) return false;
      return left === 0 || 'later'; // it comes once more, and goes on at `at.next`
    });
  }

  /**
   * Settles documents, up to where too much is open that other partitions may complete. Those wait for their turn
   * meanwhile.
   */
  async function takeIn(
    mine: State,
    assembler: RunAssembler,
    partition: number,
    records: readonly SourceRecord[],
  ): Promise<{ readonly made: readonly MadeScan[]; readonly taken: number }> {
    const at = mine.partitions.get(partition)!;
    const made: MadeScan[] = [];
    let othersMs: number | null = null; // they stand still during this turn
    for (const [taken, record] of records.entries()) {
      if (assembler.isCrowded()) {
        othersMs ??= await readUpTo([...mine.partitions].filter(([other]) => other !== partition));
        if (at.readMs > othersMs) return { made, taken }; // whoever is furthest behind goes on
      }
      made.push(...settle(assembler, record));
      at.readMs = record.timestampMs;
    }
    return { made, taken: records.length };
  }

  /** Up to when that partition is read which has more to read and is furthest behind; infinity: none has more. */
  async function readUpTo(partitions: Iterable<[number, Partition]>): Promise<number> {
    const furthestBehind = [...partitions].sort(([, a], [, b]) => a.readMs - b.readMs || 0);
    for (const [partition, { next, readMs }] of furthestBehind)
      if (await parts.isMore(partition, next)) return readMs;
    return Number.POSITIVE_INFINITY;
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

  /** `read`: partitions of which more was read. */
  async function commit(mine: State, made: readonly MadeScan[], read: readonly number[]): Promise<boolean> {
    const held = new Map<number, HeldPartition>();
    for (const [partition, at] of mine.partitions) {
      const now = heldPartition(mine.assembler!.held(partition), at.next, at.topicId);
      const before = at.committed;
      if (before?.offset !== now.offset || before.metadata !== now.metadata) held.set(partition, now);
    }
    const offsets = read.map((partition) => {
      const { next, topicId } = mine.partitions.get(partition)!;
      return { partition, offset: next, metadata: offsetMetadataOf(topicId) };
    });
    const open = [...held].map(([partition, each]) => ({ partition, ...each }));
    try {
      const result = await publisher.commit(made, [
        { groupId, offsets },
        { groupId: openGroup, offsets: open },
      ]);
      if (result === 'fenced') {
        logger.warn('another process took the documents over');
        mine.isShutOut = true;
        return false;
      }
    } catch (error) {
      if (isFatal(error)) {
        parts.onFatal(error as Error);
        return false;
      }
      failures += 1;
      metrics.retries.inc();
      activity.waits('all', 'commit', error instanceof Error ? error.message : String(error));
      const level = isTheBrokers(error) ? 'warn' : 'error';
      logger[level]({ err: error, failures }, 'not committed; documents will be read again');
      await clock.sleep(retryAfterMs(failures), closing.signal);
      return giveUp(mine);
    }
    failures = 0;
    for (const [partition, each] of held) mine.partitions.get(partition)!.committed = each;
    activity.succeeded('commit');
    activity.settled('all', 'commit');
    count(mine, made);
    return true;
  }

  /** What was put together may not be what was committed: all is claimed and read again. */
  function giveUp(mine: State): false {
    if (mine === state) source.assignAgain();
    return false;
  }

  function count(mine: State, made: readonly MadeScan[]): void {
    for (const each of made) {
      if (each.kind === 'scan' && partialOf(each.scan.metadata) !== null) metrics.previews.inc();
      else if (each.kind === 'scan') metrics.scans.inc({ mode: each.scan.mode });
      else if (each.kind === 'run') metrics.runs.inc({ state: each.run.state });
      else metrics.deadLetters.inc({ reason: each.reject.reason });
    }
    const { openRuns, unplaced } = mine.assembler!.counts();
    metrics.openRuns.set(openRuns);
    metrics.unplaced.set(unplaced);
  }

  /** Runs without a stop and events without a descriptor are given up only when nothing is left to be read. */
  async function settleOverdue(): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(TICK_MS, closing.signal);
      await inTheTurn(async () => {
        const mine = state;
        if (mine.assembler === null || !mine.isRebuilt || mine.isShutOut || closing.signal.aborted) return;
        if (failures > 0 || !mine.assembler.isOverdue(clock.nowMs())) return;
        if ((await readUpTo(mine.partitions)) < Number.POSITIVE_INFINITY) return;
        const made = mine.assembler.overdue(clock.nowMs());
        if (made.length > 0) await commit(mine, made, []);
      }).catch((error) => parts.onFatal(error as Error));
    }
  }
  let overdue: Promise<void> = Promise.resolve();

  return {
    async start() {
      await source.start({
        onAssigned(assigned) {
          metrics.lag.reset(); // another may have what was ours
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
      const { openRuns = 0 } = state.assembler?.counts() ?? {};
      const detail = { assigned: source.assigned(), openRuns };
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

/** The group whose offsets say from where open runs must be read again. */
export const openGroupOf = (groupId: string): string => `${groupId}-open`;

/** `value`, or the bound that it is beyond. */
function within(least: bigint, value: bigint, most: bigint): bigint {
  if (value > most) return most;
  return value < least ? least : value;
}

const newState = (assigned: readonly number[]): State => ({
  assigned,
  partitions: new Map(),
  claimed: null,
  assembler: null,
  isRebuilt: false,
  isShutOut: false,
});
