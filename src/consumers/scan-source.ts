import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { isFatal } from '../errors.ts';
import { type FetchedRecords, fetchedRecords } from './fetched-records.ts';
import { keepRunning } from './keep-running.ts';

/** Records of one partition, in the order of their offsets. */
export type PartitionBatch = FetchedRecords & { readonly partition: number };

export type ScanSourceOptions = {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  /** Most bytes of one partition that are in work at a time. */
  readonly maxBytesPerPartition: number;
  readonly nowMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

export type ScanHandlers = {
  /**
   * Called before the first batch of a partition after every (re)assignment: shuts out whoever had the partition
   * before. Only after it has come back is the committed offset read, since until then the other may still commit.
   */
  readonly claim: (partition: number) => Promise<void>;
  /**
   * Deals with a batch; `true` when its offsets are committed, `false` when the partition must be claimed and read
   * again.
   */
  readonly process: (batch: PartitionBatch) => Promise<boolean>;
  readonly onCrash: (error: Error) => void;
  readonly onWarning: (message: string, error: unknown) => void;
};

export type ScanSource = {
  /** Joins the group and begins; comes back when joining has begun. */
  start(handlers: ScanHandlers): Promise<void>;
  /** Partitions that this process works on, as of the last rebalance. */
  assigned(): readonly number[];
  /** Lets batches in work end, then leaves the group. */
  close(): Promise<void>;
};

const CLAIM_AGAIN_AFTER_MS = 500;

/**
 * Scans as bytes from Kafka, one batch a partition at a time and all partitions side by side. A partition is fetched
 * again only when its batch is dealt with, so a slow processor holds the broker back and memory stays bounded.
 */
export function scanSource(options: ScanSourceOptions): ScanSource {
  const { topic, groupId } = options;
  const consumer: Consumer = options.kafka.consumer({
    groupId,
    sessionTimeout: options.sessionTimeoutMs,
    heartbeatInterval: Math.round(options.sessionTimeoutMs / 5),
    maxBytesPerPartition: options.maxBytesPerPartition,
    maxWaitTimeInMs: 500, // an idle fetch; the broker answers at once when a record comes
    minBytes: 1,
    retry: { initialRetryTime: 20, multiplier: 2, maxRetryTime: 3000, retries: Number.MAX_SAFE_INTEGER },
  });
  const admin = options.kafka.admin();
  let assignment = 0; // number of the current assignment; a claim holds for one only
  let partitions: readonly number[] = [];
  const claims = new Map<number, number>(); // partition -> the assignment for which it is claimed
  /** partition -> the offset that the broker acknowledged as committed last, to this process. */
  const acknowledged = new Map<number, bigint>();
  const closing = new AbortController();

  async function eachBatch(handlers: ScanHandlers, payload: EachBatchPayload): Promise<void> {
    const { batch, heartbeat, resolveOffset, isRunning, isStale } = payload;
    const { partition } = batch;
    if (!isRunning() || isStale() || batch.messages.length === 0) return;

    if (claims.get(partition) !== assignment) {
      const during = assignment;
      // A process that was frozen must hear that the group went on without it before it may fence the new owner.
      await heartbeat();
      const committed = await claim(handlers, partition);
      if (committed === 'not claimed') return;
      claims.set(partition, during);
      if (committed !== undefined && committed !== BigInt(batch.firstOffset() ?? 0)) {
        consumer.seek({ topic, partition, offset: String(committed) });
        return;
      }
    }

    const fetched = fetchedRecords(batch, options.nowMs());
    if (await whileBeating(heartbeat, handlers, handlers.process({ partition, ...fetched }))) {
      acknowledged.set(partition, fetched.nextOffset);
      resolveOffset(batch.messages.at(-1)!.offset);
    } else claims.delete(partition);
  }

  /**
   * The committed offset of a partition that is ours now, or nothing where none was committed. A broker that is going
   * away or coming back refuses this in many ways, some of which kafkajs calls final: the next fetch tries again.
   */
  async function claim(
    handlers: ScanHandlers,
    partition: number,
  ): Promise<bigint | undefined | 'not claimed'> {
    try {
      await handlers.claim(partition);
      const committed = await committedOffset(partition);
      const known = acknowledged.get(partition);
      if (known === undefined || (committed ?? 0n) >= known) return committed;
      // Offsets of a group that is alive only grow: a broker that has just come back may not know its last ones yet.
      handlers.onWarning(
        `partition ${partition}: the broker says ${committed}, and had committed ${known}`,
        null,
      );
      return known;
    } catch (error) {
      if (isFatal(error)) throw error;
      handlers.onWarning(`partition ${partition} not claimed; it will be fetched again`, error);
      await options.sleep(CLAIM_AGAIN_AFTER_MS, closing.signal);
      return 'not claimed';
    }
  }

  async function committedOffset(partition: number): Promise<bigint | undefined> {
    const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const offset = answer?.partitions.find((p) => p.partition === partition)?.offset;
    return offset === undefined || offset === '-1' ? undefined : BigInt(offset);
  }

  /** The client beats only between batches; a batch longer than the session would cost the partition. */
  async function whileBeating<T>(
    heartbeat: () => Promise<void>,
    handlers: ScanHandlers,
    work: Promise<T>,
  ): Promise<T> {
    const done = new AbortController();
    const beat = async () => {
      while (!done.signal.aborted) {
        await options.sleep(options.sessionTimeoutMs / 4, done.signal);
        // A rebalance is heard here first; the batch is ended and committed, and the next fetch joins again.
        if (!done.signal.aborted) await heartbeat().catch((error) => handlers.onWarning('heartbeat', error));
      }
    };
    void beat();
    try {
      return await work;
    } finally {
      done.abort('done'); // a reason given spares the making of an error with its stack
    }
  }

  return {
    async start(handlers) {
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        assignment += 1;
        partitions = payload.memberAssignment[topic] ?? [];
      });
      await admin.connect();
      await consumer.connect();
      await keepRunning({
        consumer,
        topics: [topic],
        config: {
          autoCommit: false, // offsets are committed by the transaction that holds their results
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: 1_000,
          eachBatch: (payload) => eachBatch(handlers, payload),
        },
        sleep: options.sleep,
        closing: closing.signal,
        onWarning: handlers.onWarning,
        onCrash: handlers.onCrash,
      });
    },
    assigned: () => partitions,
    async close() {
      closing.abort();
      await consumer.stop();
      await consumer.disconnect();
      await admin.disconnect();
    },
  };
}
