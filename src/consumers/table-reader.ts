import type { Kafka } from 'kafkajs';
import { isFatal, kafkaErrorType } from '../common/errors.ts';
import type { SourceRecord } from '../messages/record.ts';
import { brokerRequests } from './broker-requests.ts';
import type { Readiness } from './group-activity.ts';
import { partitionFetcher } from './partition-fetcher.ts';

export type TableReaderOptions = {
  readonly kafka: Kafka;
  readonly topic: string;
  /** Committed records in the order of their partition's offsets; of one key the last counts, without a value: none. */
  readonly onRecords: (records: readonly SourceRecord[]) => void;
  /** The topic was made anew, or lost records: what was read of it counts no more, and it is read again. */
  readonly onReset: () => void;
  readonly onWarning: (message: string, error: unknown) => void;
  /** What no retry mends, such as a right that is missing. */
  readonly onCrash: (error: Error) => void;
  readonly nowMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** How long nothing may be heard of the topic before it is not ready. */
  readonly readyWithinMs?: number;
};

export type TableReader = {
  start(): void;
  /** Comes back once the topic has been read up to where it ended at that time. */
  whole(): Promise<void>;
  readiness(): Readiness;
  close(): Promise<void>;
};

const WAIT_MS = 500; // an idle fetch; the broker answers at once when a record comes
const AGAIN_AFTER_MS = 1000;

/**
 * A compacted topic as a table that every process reads whole and then follows, as a global table of Kafka Streams:
 * all partitions, without a group, committed records alone. What fails is tried again for as long as it takes.
 */
export function tableReader(options: TableReaderOptions): TableReader {
  const { kafka, topic, nowMs, readyWithinMs = 30_000 } = options;
  const fetcher = partitionFetcher(kafka, nowMs);
  const requests = brokerRequests(kafka);
  const closing = new AbortController();
  const positions = new Map<number, bigint>(); // partition -> next offset
  let topicId: string | null = null;
  let lastReadMs = nowMs();
  let isWhole = false;
  let becameWhole = deferred();
  let loop: Promise<void> = Promise.resolve();

  function reset(because: string): void {
    options.onWarning(`topic ${topic} ${because}; it is read again from its start`, null);
    positions.clear();
    topicId = null;
    if (isWhole) becameWhole = deferred();
    isWhole = false;
    options.onReset();
  }

  async function round(): Promise<void> {
    topicId ??= await idOfTopic();
    const partitions = await fetcher.partitions(topic);
    if (partitions.length === 0) throw new Error(`Expected topic ${topic} to exist`);
    const waitMs = isWhole ? Math.ceil(WAIT_MS / partitions.length) : 0;
    const parts = await Promise.all(
      partitions.map(async (partition) => {
        const from = positions.get(partition) ?? (await fetcher.first(topic, partition));
        return { partition, from, ...(await fetcher.fetch(topic, partition, from, waitMs)) };
      }),
    );
    // Asked after the fetch: what was fetched is then of this topic, not of a later one of that name.
    if ((await idOfTopic()) !== topicId) return reset('was made anew');
    for (const { partition, records, next } of parts) {
      if (records.length > 0) options.onRecords(records);
      positions.set(partition, next);
    }
    lastReadMs = nowMs();
    // Where nothing came, nothing that is committed lies ahead, even though offsets do.
    if (isWhole || !parts.every(({ from, next, stableEnd }) => next === from || next >= stableEnd)) return;
    isWhole = true;
    becameWhole.resolve();
  }

  async function idOfTopic(): Promise<string> {
    const id = await requests.topicId(topic);
    if (id === null) throw new Error(`Expected topic ${topic} to exist`);
    return id;
  }

  async function follow(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await round();
      } catch (error) {
        if (closing.signal.aborted) return;
        if (isFatal(error)) return options.onCrash(error as Error);
        if (kafkaErrorType(error) === 'OFFSET_OUT_OF_RANGE') reset('no longer has what was read of it');
        else options.onWarning(`topic ${topic} could not be read; it is tried again`, error);
        await options.sleep(AGAIN_AFTER_MS, closing.signal);
      }
    }
  }

  return {
    start() {
      loop = follow();
    },
    whole: () => becameWhole.promise,
    readiness() {
      const silentMs = nowMs() - lastReadMs;
      if (!isWhole) return { ok: false, detail: { reason: `topic ${topic} is not read yet` } };
      if (silentMs <= readyWithinMs) return { ok: true, detail: {} };
      const reason = `topic ${topic} could not be read for ${Math.round(silentMs / 1000)} s`;
      return { ok: false, detail: { reason } };
    },
    async close() {
      closing.abort();
      await Promise.all([fetcher.close(), requests.close()]); // what waits for an answer fails
      await loop;
    },
  };
}

type Deferred = { readonly promise: Promise<void>; readonly resolve: () => void };

function deferred(): Deferred {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
