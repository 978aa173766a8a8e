import type { SourceRecord } from '../messages/record.ts';
import type { PartitionFetcher } from './partition-fetcher.ts';

export type ReadPartitionOptions = {
  readonly fetcher: PartitionFetcher;
  readonly topic: string;
  readonly partition: number;
  /** Committed records, in the order of their offsets. */
  readonly onRecords: (records: readonly SourceRecord[]) => void;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** How long a transaction at the end may be open. */
  readonly withinMs?: number;
};

const LOOK_AGAIN_AFTER_MS = 20;

/**
 * Reads a partition from its first record to where it ends now. The end is where every transaction is decided: whoever
 * has just fenced another sees all that the other had committed. Throws where one stays open.
 */
export async function readPartition(options: ReadPartitionOptions): Promise<void> {
  const { fetcher, topic, partition, onRecords, nowMs, sleep, withinMs = 10_000 } = options;
  const deadlineMs = nowMs() + withinMs;
  let position = await fetcher.first(topic, partition);
  let target: bigint | null = null; // the end when reading began
  for (;;) {
    const { records, next, stableEnd, end } = await fetcher.fetch(topic, partition, position, 0);
    if (records.length > 0) onRecords(records);
    target ??= end;
    // A log that was compacted may have nothing between its last record and its end.
    if (next >= target || (next === position && stableEnd >= target)) return;
    if (next === position) {
      if (nowMs() > deadlineMs)
        throw new Error(`Expected the transactions in ${topic}/${partition} to end within ${withinMs} ms`);
      await sleep(LOOK_AGAIN_AFTER_MS);
    }
    position = next;
  }
}
