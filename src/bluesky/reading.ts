import { earlier, later } from '../common/offsets.ts';
import type { MadeScan } from '../messages/made-scan.ts';
import type { SourceRecord } from '../messages/record.ts';
import { type RunAssembler, runAssembler } from './assemble-runs.ts';
import { type HeldPartition, heldPartition, readHeldPartition } from './held-state.ts';
import type { BlueskyMapping } from './mapping.ts';
import type { LeastRange } from './previews.ts';
import { earliestOf, furtherBehind } from './reading-order.ts';
import type { Held } from './unplaced-events.ts';

/** Documents of one partition that were fetched together. */
export type FetchedDocuments = {
  readonly records: readonly SourceRecord[];
  /** Offset from which the partition is read on behind them. */
  readonly nextOffset: bigint;
  /** Records that lay behind these when they were fetched. */
  readonly lag: number;
};

/** Where a partition is begun: where its group stands, what is still there, and what was committed of its open runs. */
export type BeginAt = {
  readonly topicId: string;
  readonly position: bigint;
  readonly first: bigint;
  readonly open: { readonly offset: bigint; readonly metadata: string | null };
};

/** What came of documents, and what is to be committed with it. */
export type Taken = {
  readonly made: readonly MadeScan[];
  /** How far partitions were read. */
  readonly read: readonly {
    readonly partition: number;
    readonly offset: bigint;
    readonly topicId: string;
    /** Records that are left in it. */
    readonly lag: number;
  }[];
  /** From where partitions must be read again to know their open runs, where that is new. */
  readonly open: readonly (HeldPartition & { readonly partition: number })[];
};

/** What was fetched and may not be taken yet, since others come first. */
export type Wait = {
  readonly partitions: readonly number[];
  readonly for: readonly number[];
  /**
   * Those are not claimed yet; what is known of open runs is read again of them; or they are further behind, and may
   * complete what is open.
   */
  readonly why: 'unclaimed' | 'read-again' | 'behind';
  /** ms since 1970: nothing was taken since. */
  readonly sinceMs: number;
};

/** All that is known of the documents during one assignment of the group; given up whole when it may be wrong. */
export type Reading = {
  has(partition: number): boolean;
  /** Takes a partition up. It is read from where its oldest open run begins, or from what is left of that. */
  begin(partition: number, at: BeginAt): { readonly next: bigint; readonly oldest: bigint };
  /**
   * Hands over what was fetched of a partition that was begun, when nothing that was fetched before is left of it.
   * @returns true, once all of it is committed; false, once it is given up
   */
  put(partition: number, fetched: FetchedDocuments): Promise<boolean>;
  /** Whether something that was fetched of a partition is not committed yet. */
  isLeft(partition: number): boolean;
  /**
   * Takes of what was fetched what may be taken, up to so much as is committed together; null: nothing may. It waits
   * while other partitions are being claimed or read again, or are further behind and might complete what is open.
   */
  take(): Promise<Taken | null>;
  /** Partitions that wait, as of what was taken last; null: none does. */
  waiting(): Wait | null;
  /** What has waited too long, when nothing is left to be read; null: nothing has. */
  takeOverdue(): Promise<Taken | null>;
  /** What was taken last is committed. */
  committed(taken: Taken): void;
  /** Gives up what was fetched, and all that is known: it will be read again by another. */
  giveUp(): void;
  counts(): ReturnType<RunAssembler['counts']>;
};

export type ReadingOptions = {
  readonly assigned: readonly number[];
  readonly mapping: BlueskyMapping;
  /** What a preview must cover; without it there are none. */
  readonly leastRange?: LeastRange | undefined;
  /** What comes of one document. */
  readonly settle: (assembler: RunAssembler, record: SourceRecord) => readonly MadeScan[];
  /** Whether documents lie in a partition from an offset on. */
  readonly isMore: (partition: number, from: bigint) => Promise<boolean>;
  readonly nowMs: () => number;
  /** Told once all that must be read again was read, when runs are open. */
  readonly onRebuilt: (openRuns: number) => void;
};

/** Where one partition stands. */
type Partition = {
  readonly partition: number;
  readonly topicId: string;
  /** What lies before was dealt with before; it is read again only to know the open runs. */
  readonly standing: bigint;
  readonly held: Held | null;
  next: bigint;
  readMs: number;
  nextMs: number | null;
  committed: HeldPartition | null;
  fetched: (FetchedDocuments & { taken: number; readonly end: (isCommitted: boolean) => void }) | null;
};

/** Documents of which one transaction is made: it must not take long. */
const MOST_TAKEN = 2000;

/**
 * Reads documents of all partitions, first again what is needed to know the open runs, then on. What was fetched is
 * taken in the order of its times, since a run may lie in several partitions.
 */
export function reading(options: ReadingOptions): Reading {
  const { assigned, mapping, leastRange, settle, nowMs } = options;
  const partitions = new Map<number, Partition>();
  /** Null until it is known of all partitions where they stand. */
  let assembler: RunAssembler | null = null;
  /** Whether all that must be read again was read. */
  let isRebuilt = false;
  let isGivenUp = false;
  let waits: Omit<Wait, 'partitions'> | null = null;

  /** What must be read again was read: what belongs to runs that had ended is forgotten, and the rest goes on. */
  function rebuiltWhenAllIsRead(assembler: RunAssembler): void {
    if (isRebuilt || [...partitions.values()].some(({ next, standing }) => next < standing)) return;
    const held = new Map<number, Held>();
    for (const each of partitions.values()) if (each.held !== null) held.set(each.partition, each.held);
    assembler.keepOnly(held);
    isRebuilt = true;
    const { openRuns } = assembler.counts();
    if (openRuns > 0) options.onRebuilt(openRuns);
  }

  /** Reads again what was dealt with before. What comes of it was published then. */
  function readAgain(assembler: RunAssembler): void {
    for (const at of partitions.values()) {
      const { fetched } = at;
      if (fetched === null || at.next >= at.standing) continue;
      while ((fetched.records[fetched.taken]?.offset ?? at.standing) < at.standing) step(at, assembler);
      at.next = earlier(fetched.nextOffset, at.standing);
      if (fetched.nextOffset <= at.standing) end(at, true);
    }
    rebuiltWhenAllIsRead(assembler);
  }

  /** Takes the next document that was fetched of a partition. */
  function step(at: Partition, assembler: RunAssembler): readonly MadeScan[] {
    const fetched = at.fetched!;
    const record = fetched.records[fetched.taken]!;
    fetched.taken += 1;
    at.readMs = record.timestampMs;
    at.nextMs = fetched.records[fetched.taken]?.timestampMs ?? null;
    return settle(assembler, record);
  }

  function end(at: Partition, isCommitted: boolean): void {
    at.fetched?.end(isCommitted);
    at.fetched = null;
    at.nextMs = null;
  }

  /** The first that has more to be read; null: none has. */
  async function firstWithMore(
    some: Iterable<Partition>,
    isMore = options.isMore,
  ): Promise<Partition | null> {
    for (const at of some) if (await isMore(at.partition, takenUpTo(at))) return at;
    return null;
  }

  /** @param isTaken whether anything was taken before it came to this */
  function waitFor(awaited: readonly number[], why: Wait['why'], isTaken: boolean): void {
    const sinceMs = waits === null || isTaken ? nowMs() : waits.sinceMs;
    waits = awaited.length === 0 ? null : { for: awaited, why, sinceMs };
  }

  /** Nothing is taken before all partitions are begun, and what is known of them is read again. */
  function waitForTheStart(): void {
    const unclaimed = assigned.filter((partition) => !partitions.has(partition));
    const owing = [...partitions.values()].filter(({ next, standing }) => next < standing);
    if (unclaimed.length > 0) waitFor(unclaimed, 'unclaimed', false);
    else waitFor(numbersOf(owing), 'read-again', false);
  }

  /** What was taken, with how far that brings the partitions; null: it brings them nowhere. */
  function takenWith(made: readonly MadeScan[]): Taken | null {
    const read: Taken['read'][number][] = [];
    for (const at of partitions.values()) {
      const { partition, topicId, fetched } = at;
      const offset = takenUpTo(at);
      if (fetched === null || offset === at.next) continue;
      at.next = offset;
      read.push({ partition, offset, topicId, lag: fetched.lag + fetched.records.length - fetched.taken });
    }
    if (read.length === 0 && made.length === 0) return null;
    const open: Taken['open'][number][] = [];
    for (const at of partitions.values()) {
      const now = heldPartition(assembler!.held(at.partition), at.next, at.topicId);
      if (at.committed?.offset !== now.offset || at.committed.metadata !== now.metadata)
        open.push({ partition: at.partition, ...now });
    }
    return { made, read, open };
  }

  return {
    has: (partition) => partitions.has(partition),
    begin(partition, { topicId, position, first, open }) {
      const held = readHeldPartition(open.offset, open.metadata, topicId);
      const oldest = held?.oldest ?? position;
      const next = earlier(later(oldest, first), position);
      partitions.set(partition, {
        ...{ partition, topicId, standing: position, held, next },
        ...{ readMs: Number.NEGATIVE_INFINITY, nextMs: null, committed: null, fetched: null },
      });
      if (partitions.size === assigned.length) {
        const ended = [...partitions.values()].flatMap((each) => each.held?.ended ?? []);
        assembler = runAssembler(mapping, { ended: [...new Set(ended)], leastRange });
        rebuiltWhenAllIsRead(assembler);
      }
      return { next, oldest };
    },
    put(partition, fetched) {
      if (isGivenUp) return Promise.resolve(false);
      const at = partitions.get(partition)!;
      at.nextMs = fetched.records[0]?.timestampMs ?? null;
      return new Promise((resolve) => {
        at.fetched = { ...fetched, taken: 0, end: resolve };
      });
    },
    isLeft: (partition) => partitions.get(partition)!.fetched !== null,
    async take() {
      if (isGivenUp) return null;
      if (assembler !== null && !isRebuilt) readAgain(assembler);
      if (assembler === null || !isRebuilt) {
        waitForTheStart();
        return null;
      }
      const isMore = askedOnce(options.isMore);
      const made: MadeScan[] = [];
      let behind: Partition | null = null;
      let taken = 0;
      for (; taken < MOST_TAKEN; taken += 1) {
        const at = earliestOf(partitions.values());
        if (at === null) break;
        if (assembler.isCrowded())
          behind = await firstWithMore(furtherBehind(partitions.values(), at), isMore);
        if (behind !== null) break;
        if (isGivenUp) return null; // meanwhile
        made.push(...step(at, assembler));
      }
      waitFor(behind === null ? [] : [behind.partition], 'behind', taken > 0);
      return isGivenUp ? null : takenWith(made);
    },
    waiting() {
      if (waits === null || isGivenUp) return null;
      const left = [...partitions.values()].filter(({ nextMs }) => nextMs !== null);
      return left.length === 0 ? null : { partitions: numbersOf(left), ...waits };
    },
    async takeOverdue() {
      if (assembler === null || !isRebuilt || !assembler.isOverdue(nowMs())) return null;
      if ([...partitions.values()].some(({ fetched }) => fetched !== null)) return null;
      if ((await firstWithMore(partitions.values())) !== null || isGivenUp) return null;
      return takenWith(assembler.overdue(nowMs()));
    },
    committed({ open }) {
      for (const { partition, offset, metadata } of open)
        partitions.get(partition)!.committed = { offset, metadata };
      for (const at of partitions.values())
        if (at.fetched !== null && at.fetched.taken === at.fetched.records.length) end(at, true);
    },
    giveUp() {
      isGivenUp = true;
      for (const at of partitions.values()) end(at, false);
    },
    counts: () => assembler?.counts() ?? { openRuns: 0, unplaced: 0, late: 0 },
  };
}

/** Offset from which a partition is taken on. */
const takenUpTo = ({ next, fetched }: Partition): bigint =>
  fetched === null ? next : (fetched.records[fetched.taken]?.offset ?? fetched.nextOffset);

const numbersOf = (some: readonly Partition[]) => some.map(({ partition }) => partition);

/** Asks of each partition once. */
function askedOnce(isMore: ReadingOptions['isMore']): ReadingOptions['isMore'] {
  const asked = new Map<number, Promise<boolean>>();
  return (partition, from) => {
    const known = asked.get(partition) ?? isMore(partition, from);
    asked.set(partition, known);
    return known;
  };
}
