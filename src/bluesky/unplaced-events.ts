import type { SourceRecord } from '../messages/record.ts';
import type { BlueskyEvent } from './decode-document.ts';
import { lettersOf } from './letters-of.ts';

/** What of a partition must be read again to come back to a state; runs and descriptors in few letters each. */
export type Held = {
  /** The first offset that is still needed; null: none. */
  readonly oldest: bigint | null;
  /** Runs that ended and lie partly behind `oldest`. */
  readonly ended: readonly string[];
  /** Descriptors that have not come, and events of them have. */
  readonly awaited: readonly AwaitedDescriptor[];
  /** Runs whose start has not come. */
  readonly runsWithoutStart: readonly string[];
};

/** From which offset on events of a descriptor wait for it; those before it were given up. */
export type AwaitedDescriptor = { readonly descriptor: string; readonly from: bigint };

export type UnplacedEvent = {
  readonly descriptor: string;
  readonly events: readonly BlueskyEvent[];
  readonly record: SourceRecord;
  readonly sinceMs: number;
};

/** Descriptors that are awaited; they are committed with the offsets, 4 kB at the most. */
const MOST_DESCRIPTORS = 50;
/** Documents that are kept in memory for them, and bytes of these. */
const MOST_DOCUMENTS = 10_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** Events that came before their descriptor, in the order in which they came. */
export function unplacedEvents() {
  let waiting: UnplacedEvent[] = [];
  /** How many documents wait for each descriptor. */
  const awaited = new Map<string, number>();
  let bytes = 0;
  /** The first that waits in each partition; null: not known. */
  let oldest: Map<number, bigint> | null = null;

  function takeWhere(isTaken: (each: UnplacedEvent) => boolean): readonly UnplacedEvent[] {
    const taken = waiting.filter(isTaken);
    if (taken.length === 0) return taken;
    waiting = waiting.filter((each) => !isTaken(each));
    oldest = null;
    for (const { descriptor, record } of taken) {
      bytes -= sizeOf(record);
      const left = awaited.get(descriptor)! - 1;
      if (left > 0) awaited.set(descriptor, left);
      else awaited.delete(descriptor);
    }
    return taken;
  }

  /** All that wait for what the oldest waits for. */
  function takeOldest(): readonly UnplacedEvent[] {
    const [first] = waiting;
    return first === undefined ? [] : takeWhere((each) => each.descriptor === first.descriptor);
  }

  /** Whether there is more of anything than a share of what is kept. */
  const isBeyond = (share: number): boolean =>
    awaited.size > share * MOST_DESCRIPTORS ||
    waiting.length > share * MOST_DOCUMENTS ||
    bytes > share * MOST_BYTES;

  return {
    put(descriptor: string, events: readonly BlueskyEvent[], record: SourceRecord, nowMs: number): void {
      waiting.push({ descriptor, events, record, sinceMs: nowMs });
      awaited.set(descriptor, (awaited.get(descriptor) ?? 0) + 1);
      bytes += sizeOf(record);
      if (oldest !== null) keepLeast(oldest, record.partition, record.offset);
    },
    take: (descriptor: string): readonly UnplacedEvent[] =>
      awaited.has(descriptor) ? takeWhere((each) => each.descriptor === descriptor) : [],
    takeOldest,
    /** The oldest of them, where there are more than are kept. */
    takeTooMany(): readonly UnplacedEvent[] {
      const taken: UnplacedEvent[] = [];
      while (isBeyond(1)) taken.push(...takeOldest());
      return taken;
    },
    /** Whether there are half as many as are kept. */
    isCrowded: (): boolean => isBeyond(0.5),
    before: (ms: number): readonly UnplacedEvent[] => takeWhere((each) => each.sinceMs <= ms),
    hasBefore: (ms: number): boolean => waiting.some((each) => each.sinceMs <= ms),
    awaitedIn(partition: number): readonly AwaitedDescriptor[] {
      const first = new Map<string, bigint>();
      for (const { descriptor, record } of waiting)
        if (record.partition === partition) keepLeast(first, lettersOf(descriptor), record.offset);
      return [...first].map(([descriptor, from]) => ({ descriptor, from }));
    },
    oldestOf(partition: number): bigint | null {
      if (oldest === null) {
        oldest = new Map();
        for (const { record } of waiting) keepLeast(oldest, record.partition, record.offset);
      }
      return oldest.get(partition) ?? null;
    },
    keepOnly(held: ReadonlyMap<number, Held>): void {
      const kept = new Map(
        [...held].map(([partition, each]) => [
          partition,
          new Map(each.awaited.map(({ descriptor, from }) => [descriptor, from])),
        ]),
      );
      takeWhere(({ descriptor, record }) => {
        const from = kept.get(record.partition)?.get(lettersOf(descriptor));
        return from === undefined || record.offset < from;
      });
    },
    count: () => waiting.length,
  };
}

const sizeOf = ({ value }: SourceRecord): number => value?.length ?? 0;

function keepLeast<Key>(least: Map<Key, bigint>, key: Key, offset: bigint): void {
  const known = least.get(key);
  if (known === undefined || offset < known) least.set(key, offset);
}
