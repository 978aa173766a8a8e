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
  readonly awaited: readonly string[];
  /** Runs whose start has not come. */
  readonly runsWithoutStart: readonly string[];
};

export type UnplacedEvent = {
  readonly descriptor: string;
  readonly events: readonly BlueskyEvent[];
  readonly record: SourceRecord;
  readonly sinceMs: number;
};

/** Descriptors that are awaited; they are committed with the offsets, 4 kB at the most. */
const MOST_DESCRIPTORS = 50;
/** Documents that are kept in memory for them. */
const MOST_DOCUMENTS = 10_000;

/** Events that came before their descriptor, in the order in which they came. */
export function unplacedEvents() {
  let waiting: UnplacedEvent[] = [];
  /** How many documents wait for each descriptor. */
  const awaited = new Map<string, number>();

  function takeWhere(isTaken: (each: UnplacedEvent) => boolean): readonly UnplacedEvent[] {
    const taken = waiting.filter(isTaken);
    if (taken.length === 0) return taken;
    waiting = waiting.filter((each) => !isTaken(each));
    for (const { descriptor } of taken) {
      const left = awaited.get(descriptor)! - 1;
      if (left > 0) awaited.set(descriptor, left);
      else awaited.delete(descriptor);
    }
    return taken;
  }

  const ofPartition = (partition: number) => waiting.filter(({ record }) => record.partition === partition);

  return {
    put(descriptor: string, events: readonly BlueskyEvent[], record: SourceRecord, nowMs: number): void {
      waiting.push({ descriptor, events, record, sinceMs: nowMs });
      awaited.set(descriptor, (awaited.get(descriptor) ?? 0) + 1);
    },
    take: (descriptor: string): readonly UnplacedEvent[] =>
      awaited.has(descriptor) ? takeWhere((each) => each.descriptor === descriptor) : [],
    takeAll: (): readonly UnplacedEvent[] => takeWhere(() => true),
    /** The oldest of them, where there are more than are kept. */
    takeTooMany(): readonly UnplacedEvent[] {
      const taken: UnplacedEvent[] = [];
      while (awaited.size > MOST_DESCRIPTORS || waiting.length > MOST_DOCUMENTS) {
        const [oldest] = waiting;
        taken.push(...takeWhere((each) => each.descriptor === oldest!.descriptor));
      }
      return taken;
    },
    /** Whether there are half as many as are kept. */
    isCrowded: (): boolean => awaited.size >= MOST_DESCRIPTORS / 2 || waiting.length >= MOST_DOCUMENTS / 2,
    before: (ms: number): readonly UnplacedEvent[] => takeWhere((each) => each.sinceMs <= ms),
    hasBefore: (ms: number): boolean => waiting.some((each) => each.sinceMs <= ms),
    awaitedIn: (partition: number): readonly string[] => [
      ...new Set(ofPartition(partition).map(({ descriptor }) => lettersOf(descriptor))),
    ],
    oldestOf: (partition: number): bigint | null =>
      ofPartition(partition).reduce<bigint | null>(
        (oldest, { record }) => (oldest === null || record.offset < oldest ? record.offset : oldest),
        null,
      ),
    keepOnly(held: ReadonlyMap<number, Held>): void {
      const kept = new Map([...held].map(([partition, each]) => [partition, new Set(each.awaited)]));
      takeWhere(({ descriptor, record }) => !kept.get(record.partition)?.has(lettersOf(descriptor)));
    },
    count: () => waiting.length,
  };
}
