import { later } from '../common/offsets.ts';
import type { SourceRecord } from '../messages/record.ts';
import type { PartitionFetcher } from './partition-fetcher.ts';

export type ReadPartitionOptions = {
  readonly fetcher: PartitionFetcher;
  readonly topic: string;
  readonly partition: number;
  /** Where to begin; by default, and where there is nothing any more, with the first record. */
  readonly from?: bigint;
  /** Committed records, in the order of their offsets; `next`: from where one would read on. */
  readonly onRecords: (records: readonly SourceRecord[], next: bigint) => void | Promise<void>;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** How long a transaction at the end may be open. */
  readonly withinMs?: number;
};

const LOOK_AGAIN_AFTER_MS = 20;

/**
 * Reads a partition, about a megabyte at a time, to where it ends now. The end is where every transaction is decided:
 * whoever has just fenced another sees all that the other had committed. Throws where one stays open.
 */
export async function readPartition(options: ReadPartitionOptions): Promise<void> {
  const { fetcher, topic, partition, onRecords, nowMs, sleep, withinMs = 10_000 } = options;
  let deadlineMs = nowMs() + withinMs;
  const first = await fetcher.first(topic, partition);
  let position = later(options.from ?? first, first);
  let target: bigint | null = null; // the end when reading began
  for (;;) {
    const { records, next, stableEnd, end } = await fetcher.fetch(topic, partition, position, 0);
    if (next > position) await onRecords(records, next);
    target ??= end;
    // A log that was compacted may have nothing between its last record and its end.
    if (next >= target || (next === position && stableEnd >= target)) return;
    if (next > position) deadlineMs = nowMs() + withinMs;
    else {
      if (nowMs() > deadlineMs)
        throw new Error(`Expected the transactions in ${topic}/${partition} to end within ${withinMs} ms`);
      await sleep(LOOK_AGAIN_AFTER_MS);
    }
    position = next;
  }
}
