import type { SourceRecord } from '../messages/record.ts';
import type { BlueskyEvent } from './decode-document.ts';

/** What of a partition must be read again to come back to a state. */
export type Held = {
  /** The first offset that is still needed; null: none. */
  readonly oldest: bigint | null;
  /** Runs that ended and lie partly behind `oldest`, in few letters each. */
  readonly ended: readonly string[];
  /** Offsets of events whose descriptor has not come. */
  readonly unplaced: readonly bigint[];
  /** Runs whose start has not come. */
  readonly runsWithoutStart: readonly string[];
};

export type UnplacedEvent = {
  readonly descriptor: string;
  readonly events: readonly BlueskyEvent[];
  readonly record: SourceRecord;
  readonly sinceMs: number;
};

/** librdkafka sends a handful too early; more than this is another fault. */
const MOST = 100;

/** Events that came before their descriptor, in the order in which they came; unbounded until `keepOnly`. */
export function unplacedEvents() {
  let waiting: UnplacedEvent[] = [];
  let most = Number.POSITIVE_INFINITY;

  function takeWhere(isTaken: (each: UnplacedEvent) => boolean): UnplacedEvent[] {
    const taken = waiting.filter(isTaken);
    if (taken.length > 0) waiting = waiting.filter((each) => !isTaken(each));
    return taken;
  }

  return {
    /** @returns those that had to make room */
    put(
      descriptor: string,
      events: readonly BlueskyEvent[],
      record: SourceRecord,
      nowMs: number,
    ): readonly UnplacedEvent[] {
      waiting.push({ descriptor, events, record, sinceMs: nowMs });
      return waiting.length > most ? waiting.splice(0, waiting.length - most) : [];
    },
    take: (descriptor: string): readonly UnplacedEvent[] =>
      takeWhere((each) => each.descriptor === descriptor),
    before: (ms: number): readonly UnplacedEvent[] => takeWhere((each) => each.sinceMs <= ms),
    hasBefore: (ms: number): boolean => waiting.some((each) => each.sinceMs <= ms),
    offsetsOf: (partition: number): readonly bigint[] =>
      waiting.filter(({ record }) => record.partition === partition).map(({ record }) => record.offset),
    oldestOf(partition: number): bigint | null {
      const offsets = waiting
        .filter(({ record }) => record.partition === partition)
        .map(({ record }) => record.offset);
      return offsets.reduce<bigint | null>((a, b) => (a === null || b < a ? b : a), null);
    },
    keepOnly(held: ReadonlyMap<number, Held>): void {
      most = MOST;
      const kept = new Set(
        [...held].flatMap(([partition, { unplaced }]) => unplaced.map((offset) => `${partition}/${offset}`)),
      );
      waiting = waiting.filter(({ record }) => kept.has(`${record.partition}/${record.offset}`));
    },
    count: () => waiting.length,
  };
}
