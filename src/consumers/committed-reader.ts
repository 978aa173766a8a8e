import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { systemClock } from '../common/clock.ts';
import { brokerRequests } from './broker-requests.ts';
import { type FetchedRecords, fetchedRecords } from './fetched-records.ts';
import { type GroupActivity, watchGroup } from './group-activity.ts';
import { keepRunning } from './keep-running.ts';

/** Committed records of one partition, in the order of their offsets. */
export type CommittedBatch = FetchedRecords & {
  readonly topic: string;
  readonly partition: number;
  /**
   * Aborts when the batch will come again, here or elsewhere: the reader closes, was told to seek, or the group
   * rebalances.
   */
  readonly signal: AbortSignal;
};

export type CommittedReaderOptions = {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs?: number;
  readonly nowMs: () => number;
  /**
   * Deals with a batch. Whoever it lets wait holds back the partition, not the membership: the reader beats meanwhile.
   * When it throws, the batch is read again.
   */
  readonly onBatch: (batch: CommittedBatch) => Promise<void>;
  /**
   * Where to begin each newly assigned partition (null: its first record), for readers that keep positions themselves.
   * Without it the group's committed offsets count, and each batch is committed once dealt with: at least once.
   */
  readonly startAt?: (topic: string, partition: number) => Promise<bigint | null>;
  /** Is told what goes well, for those who ask whether this reader is ready. */
  readonly activity?: GroupActivity;
  readonly onWarning?: (message: string, error: unknown) => void;
  /** The client gave up for good; the process should end. */
  readonly onCrash: (error: Error) => void;
};

export type CommittedReader = {
  start(): Promise<void>;
  /** Partitions that this process reads, as of the last rebalance. */
  assigned(): readonly { readonly topic: string; readonly partition: number }[];
  /** Reads the partition on from `offset`; null: from its first record. Batches already fetched are dropped. */
  seek(topic: string, partition: number, offset: bigint | null): Promise<void>;
  close(): Promise<void>;
};

/**
 * Reads topics that are written in transactions: records of open and aborted transactions are never seen. For the
 * projection, and an example for lab agents, which want no `startAt`.
 */
export function committedReader(options: CommittedReaderOptions): CommittedReader {
  const { groupId, topics, startAt, sessionTimeoutMs = 10_000 } = options;
  const consumer: Consumer = options.kafka.consumer({
    groupId,
    readUncommitted: false,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: Math.round(sessionTimeoutMs / 5),
    maxWaitTimeInMs: 500, // an idle fetch; the broker answers at once when a record comes
    minBytes: 1,
    metadataMaxAge: 15_000, // partitions that were added are seen after so long
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 20, multiplier: 2, maxRetryTime: 3000, retries: Number.MAX_SAFE_INTEGER },
  });
  const admin = options.kafka.admin();
  const requests = brokerRequests(options.kafka);
  const name = (topic: string, partition: number) => `${topic}/${partition}`;
  let assigned: { topic: string; partition: number }[] = [];
  /** Partitions that were placed since they were assigned; where an unplaced one begins is not ours to choose. */
  const placed = new Set<string>();
  const inWork = new Map<string, AbortController>();
  const closing = new AbortController();

  async function seek(topic: string, partition: number, offset: bigint | null): Promise<void> {
    const target = offset ?? (await firstOffset(topic, partition));
    consumer.seek({ topic, partition, offset: String(target) });
    placed.add(name(topic, partition));
    inWork.get(name(topic, partition))?.abort();
  }

  async function firstOffset(topic: string, partition: number): Promise<bigint> {
    const offsets = await admin.fetchTopicOffsets(topic);
    return BigInt(offsets.find((entry) => entry.partition === partition)?.low ?? 0);
  }

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, heartbeat, isRunning, isStale, resolveOffset, commitOffsetsIfNecessary } = payload;
    const { topic, partition } = batch;
    if (closing.signal.aborted || !isRunning() || isStale() || batch.messages.length === 0) return;
    const work = new AbortController();
    inWork.set(name(topic, partition), work);
    const beating = beatWhile(work, heartbeat);
    try {
      if (startAt && !placed.has(name(topic, partition))) {
        await seek(topic, partition, await startAt(topic, partition));
        return;
      }
      const fetched = fetchedRecords(batch, options.nowMs());
      await options.onBatch({ topic, partition, ...fetched, signal: work.signal });
      if (work.signal.aborted) return;
      resolveOffset(batch.messages.at(-1)!.offset);
      if (!startAt) {
        await commitOffsetsIfNecessary({
          topics: [{ topic, partitions: [{ partition, offset: String(fetched.nextOffset) }] }],
        });
      }
    } finally {
      inWork.delete(name(topic, partition));
      work.abort();
      await beating;
    }
  }

  /**
   * The client beats only between batches; a batch longer than the session would cost the partition. A rebalance is
   * heard here first, and the batch given up, since a member that does not join again holds up the whole group.
   */
  async function beatWhile(work: AbortController, heartbeat: () => Promise<void>): Promise<void> {
    for (;;) {
      await systemClock.sleep(sessionTimeoutMs / 5, work.signal);
      if (work.signal.aborted) return;
      await heartbeat().catch((error) => {
        options.onWarning?.('heartbeat', error);
        if (LOST_MEMBERSHIP.has(error.type)) work.abort();
      });
    }
  }

  return {
    async start() {
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        placed.clear();
        assigned = partitionsOf(payload.memberAssignment);
      });
      if (options.activity) {
        watchGroup(consumer, options.activity, (members) =>
          partitionsOf(members).map((at) => name(at.topic, at.partition)),
        );
      }
      await admin.connect();
      await consumer.connect();
      await keepRunning({
        consumer,
        topics,
        beforeJoining: () => requests.findCoordinator('group', groupId),
        config: {
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: 1_000,
          eachBatch,
        },
        sleep: systemClock.sleep,
        closing: closing.signal,
        onWarning: (message, error) => options.onWarning?.(message, error),
        onCrash: options.onCrash,
      });
    },
    assigned: () => assigned,
    seek,
    async close() {
      closing.abort();
      for (const work of inWork.values()) work.abort();
      await consumer.stop();
      await consumer.disconnect();
      await Promise.all([admin.disconnect(), requests.close()]);
    },
  };
}

const partitionsOf = (assignment: Readonly<Record<string, number[]>>) =>
  Object.entries(assignment).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  );

const LOST_MEMBERSHIP = new Set(['REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION']);
