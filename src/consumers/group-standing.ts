import type { Admin } from 'kafkajs';
import type { ScanHandlers, Standing } from './scan-handlers.ts';
import { topicOf } from './topic-identity.ts';

/** Where a group stands in the partitions of a topic: by what the broker has, and by what this process was told. */
export type GroupStanding = {
  /** Whether this process read another topic of the name before. */
  wasMadeAnew(partition: number, topicId: string): boolean;
  /** Where the group stands in a partition of the topic, which is ours now, or its first record. */
  of(partition: number, topicId: string): Promise<Standing>;
  /** The group was brought to this offset. */
  committed(partition: number, topicId: string, offset: bigint): void;
  /** A commit failed that would have brought it to this offset; whether it arrived is not known. */
  owes(partition: number, offset: bigint): void;
  /** Whether nothing is owed of a partition in which the group stands here. */
  isSettled(partition: number, position: bigint): boolean;
};

/** A broker that has just come back may not know the end of its log yet. */
const SHORTENED_AFTER_MS = 10_000;

export function groupStanding(options: {
  readonly admin: Pick<Admin, 'fetchTopicOffsets' | 'fetchOffsets'>;
  readonly topic: string;
  readonly groupId: string;
  readonly nowMs: () => number;
  readonly handlers: Pick<ScanHandlers, 'onLost' | 'onWarning'>;
}): GroupStanding {
  const { admin, topic, groupId, nowMs, handlers } = options;
  /** How far this process knows the group to be; offsets of a group that is alive only grow, within one topic. */
  const reached = new Map<number, { readonly topicId: string; readonly offset: bigint }>();
  const owed = new Map<number, bigint>();
  const shortenedSince = new Map<number, number>();

  async function standingOf(partition: number, topicId: string): Promise<Standing> {
    const ends = (await admin.fetchTopicOffsets(topic)).find((end) => end.partition === partition);
    if (ends === undefined) throw new Error(`Expected topic ${topic} to have a partition ${partition}`);
    const [first, end] = [BigInt(ends.low), BigInt(ends.high)];
    const committed = await committedOffset(partition, topicId);
    const known = reached.get(partition)?.topicId === topicId ? reached.get(partition)!.offset : null;
    // What the broker acknowledged was not kept, and its outcomes were not either: both are in one transaction.
    if (known !== null && committed !== null && committed < known)
      handlers.onWarning(
        `partition ${partition}: reading on from ${committed}; what the broker had committed up to ${known} is gone`,
        null,
      );
    let position = committed ?? known;
    if (position !== null && position > end) {
      position = endOfShortened(partition, position, end);
    } else shortenedSince.delete(partition);
    if (position !== null && position < first) handlers.onLost(partition, position, first);
    if (position === null || position < first) position = first;
    reached.set(partition, { topicId, offset: position });
    return { topicId, position, first };
  }

  async function committedOffset(partition: number, topicId: string): Promise<bigint | null> {
    const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const committed = answer?.partitions.find((p) => p.partition === partition);
    if (committed === undefined) return null;
    const ofTopic = topicOf(committed.metadata);
    if (ofTopic !== null && ofTopic !== topicId) return null;
    const offset = BigInt(committed.offset); // -1: none; -2: kafkajs' word for the first record
    return offset < 0n ? null : offset;
  }

  /** A log that ends before what was read of it: its broker has lost records. New ones will take their offsets. */
  function endOfShortened(partition: number, position: bigint, end: bigint): bigint {
    const sinceMs = shortenedSince.get(partition) ?? nowMs();
    shortenedSince.set(partition, sinceMs);
    const what = `partition ${partition} was read up to ${position} and ends at ${end}`;
    if (nowMs() - sinceMs < SHORTENED_AFTER_MS) throw new Error(`${what}; its broker may be starting`);
    handlers.onWarning(`${what}: its broker has lost records; reading on from the end`, null);
    return end;
  }

  return {
    wasMadeAnew: (partition, topicId) =>
      reached.has(partition) && reached.get(partition)?.topicId !== topicId,
    of: standingOf,
    committed(partition, topicId, offset) {
      reached.set(partition, { topicId, offset });
      owed.delete(partition);
    },
    owes: (partition, offset) => void owed.set(partition, offset),
    isSettled: (partition, position) => position >= (owed.get(partition) ?? 0n),
  };
}
