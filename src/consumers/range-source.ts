import type { Kafka } from 'kafkajs';
import { FatalError, isFatal } from '../common/errors.ts';
import { earlier, later } from '../common/offsets.ts';
import type { SourceRecord } from '../messages/record.ts';
import { brokerRequests } from './broker-requests.ts';
import type { CommittedOffsets } from './committed-offsets.ts';
import type { PartitionFetcher } from './partition-fetcher.ts';
import type { ScanHandlers } from './scan-handlers.ts';
import type { ScanSource } from './scan-source.ts';
import { offsetMetadataOf, topicOf } from './topic-identity.ts';

/** Offsets of a partition: from the first up to, not including, the second. */
export type OffsetRange = { readonly partition: number; readonly from: bigint; readonly until: bigint };

export type RangeSourceOptions = {
  readonly kafka: Kafka;
  readonly fetcher: PartitionFetcher;
  readonly committed: CommittedOffsets;
  readonly topic: string;
  readonly topicId: string;
  readonly groupId: string;
  readonly ranges: readonly OffsetRange[];
  /** Those of records that are dealt with; the others are passed over. */
  readonly keep: (records: readonly SourceRecord[]) => Promise<readonly SourceRecord[]>;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

export type RangeSource = ScanSource & {
  /** Comes back when all of it is dealt with, or the source is closed. */
  finished(): Promise<void>;
  progress(): { readonly done: number; readonly all: number };
};

/** Records that are dealt with in one transaction at the most. */
const RECORDS_PER_BATCH = 256;
/** Partitions that are read side by side: some megabytes of each are in memory. */
const AT_ONCE = 8;
const AGAIN_AFTER_MS = 500;

/**
 * A past range of a topic as a source: without a consumer group's members, since it is shared out to nobody, but with
 * its committed offsets, from which it goes on after a kill. The order at every claim is that of `scanSource`: first
 * shut out whoever had the partition, then read the committed offset, then work.
 */
export function rangeSource(options: RangeSourceOptions): RangeSource {
  const { fetcher, committed, topic, topicId, groupId, ranges, keep, sleep } = options;
  const requests = brokerRequests(options.kafka);
  const closing = new AbortController();
  const positions = new Map<number, bigint>(ranges.map(({ partition, from }) => [partition, from]));
  const claimed = new Set<number>();
  let work: Promise<unknown> = Promise.resolve();

  async function dealWith(range: OffsetRange, handlers: ScanHandlers): Promise<void> {
    const { partition, until } = range;
    while (!closing.signal.aborted) {
      try {
        if (!claimed.has(partition)) await claim(range, handlers);
        if (positions.get(partition)! >= until) return;
        if (!(await fetchAndProcess(range, handlers))) claimed.delete(partition);
      } catch (error) {
        if (closing.signal.aborted) return;
        if (isFatal(error)) return handlers.onCrash(error as Error);
        claimed.delete(partition);
        handlers.onWarning(`partition ${partition} could not be read; it is tried again`, error);
        await sleep(AGAIN_AFTER_MS, closing.signal);
      }
    }
  }

  async function claim({ partition, from }: OffsetRange, handlers: ScanHandlers): Promise<void> {
    await handlers.claim(partition);
    const { offset, metadata } = await committed.of(groupId, partition);
    const at = topicOf(metadata) === topicId && offset > from ? offset : from;
    const first = await fetcher.first(topic, partition);
    if (at < first) handlers.onLost(partition, at, first);
    positions.set(partition, later(at, first));
    claimed.add(partition);
  }

  /** True when all that was fetched is committed. */
  async function fetchAndProcess(range: OffsetRange, handlers: ScanHandlers): Promise<boolean> {
    const { partition, until } = range;
    const position = positions.get(partition)!;
    const { records, next, stableEnd } = await fetcher.fetch(topic, partition, position, 0);
    // Asked after the fetch: what was fetched is then of this topic, not of a later one of that name.
    if ((await requests.topicId(topic)) !== topicId)
      throw new Error(`Expected topic ${topic} to be the one that it was when this began`);
    if (next === position && stableEnd < until) {
      await sleep(AGAIN_AFTER_MS, closing.signal); // a transaction is open
      return true;
    }
    const end = next === position ? until : earlier(next, until);
    const kept = await keep(records.filter((record) => record.offset < end));
    for (let i = 0; i === 0 || i < kept.length; i += RECORDS_PER_BATCH) {
      const part = kept.slice(i, i + RECORDS_PER_BATCH);
      const isLast = i + RECORDS_PER_BATCH >= kept.length;
      const nextOffset = isLast ? end : part.at(-1)!.offset + 1n;
      const batch = { partition, records: part, nextOffset, offsetMetadata: offsetMetadataOf(topicId) };
      const lag = Number(until - nextOffset);
      if (closing.signal.aborted) return false;
      const dealt = await handlers.process({ ...batch, lag });
      // Ranges are read whole, one after the other: there is nothing that one could wait for.
      if (typeof dealt !== 'boolean') throw new FatalError('Expected no batch of a range to wait for others');
      if (!dealt) return false;
      positions.set(partition, nextOffset);
    }
    return true;
  }

  return {
    async start(handlers) {
      const waiting = [...ranges];
      const worker = async () => {
        for (let range = waiting.shift(); range !== undefined; range = waiting.shift())
          await dealWith(range, handlers);
      };
      work = Promise.all(Array.from({ length: AT_ONCE }, worker));
    },
    assigned: () => [...claimed].sort((a, b) => a - b),
    claimAgain: () => claimed.clear(),
    assignAgain: () => claimed.clear(),
    finished: () => work.then(() => {}),
    progress() {
      let [done, all] = [0, 0];
      for (const { partition, from, until } of ranges) {
        done += Number(positions.get(partition)! - from);
        all += Number(until - from);
      }
      return { done, all };
    },
    async close() {
      closing.abort();
      await work;
      await requests.close();
    },
  };
}
