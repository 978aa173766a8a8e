import type { Batch, Consumer, EachBatchPayload, Kafka, PartitionAssigner } from 'kafkajs';
import { isFatal } from '../errors.ts';
import { brokerRequests } from './broker-requests.ts';
import { type FetchedRecords, fetchedRecords } from './fetched-records.ts';
import { type GroupActivity, watchGroup } from './group-activity.ts';
import { inTurn } from './in-turn.ts';
import { keepRunning } from './keep-running.ts';
import { worksOf } from './works-of.ts';

/** Records of one partition, in the order of their offsets. */
export type PartitionBatch = FetchedRecords & {
  readonly partition: number;
  /**
   * Goes with the offset that is committed, so that nobody takes it for one of a topic that was made anew: `topicOf`.
   */
  readonly offsetMetadata: string;
};

export type ScanSourceOptions = {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  /** Most bytes of one partition that are in work at a time. */
  readonly maxBytesPerPartition: number;
  /** How old metadata may become: partitions that were added are seen after so long. */
  readonly metadataMaxAgeMs: number;
  readonly activity: GroupActivity;
  /** How the group shares its partitions out; by default evenly. */
  readonly partitionAssigner?: PartitionAssigner;
  readonly nowMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /**
   * Whether a batch is handed over while the one before it, of the same partition, is still in work; by default it is
   * not. `process` then keeps them in order, answers `false` of all that follow one that was not committed, does not
   * throw, and does not answer `later`.
   */
  readonly readAhead?: boolean;
};

export type ScanHandlers = {
  /** Called at every (re)assignment, before any partition of it is claimed. */
  readonly onAssigned?: (partitions: readonly number[]) => void;
  /**
   * Called for a partition after every (re)assignment, before it is read: shuts out whoever had the partition before.
   * Only after it has come back is the committed offset read, since until then the other may still commit.
   */
  readonly claim: (partition: number) => Promise<void>;
  /** Where to begin to read a claimed partition, at or before where the group stands; there by default. */
  readonly beginAt?: (partition: number, standing: Standing) => Promise<bigint>;
  /**
   * Deals with a batch; `true` when its offsets are committed, `false` when the partition must be claimed and read
   * again; `later` when the same batch should come once more. Whoever waits in here holds up all partitions.
   */
  readonly process: (batch: PartitionBatch) => Promise<boolean | 'later'>;
  /** Records from offset `from` up to, not including, `to` were deleted before this group had read them. */
  readonly onLost: (partition: number, from: bigint, to: bigint) => void;
  readonly onCrash: (error: Error) => void;
  readonly onWarning: (message: string, error: unknown) => void;
};

/** Where a group stands in a partition, the first offset that is still there, and the one after the last. */
export type Standing = {
  readonly topicId: string;
  readonly position: bigint;
  readonly first: bigint;
  readonly end: bigint;
};

export type ScanSource = {
  /** Joins the group and begins; comes back when joining has begun. */
  start(handlers: ScanHandlers): Promise<void>;
  /** Partitions that this process works on, as of the last rebalance. */
  assigned(): readonly number[];
  /** Claims all partitions again before more of them is worked, and reads on from where the group stands. */
  claimAgain(): void;
  /** The same as after a rebalance: `onAssigned` is called again. */
  assignAgain(): void;
  /** Lets batches in work end, then leaves the group. */
  close(): Promise<void>;
};

/** Where this process stands in a partition that it has claimed, for one assignment and one topic. */
type Claim = { readonly assignment: number; readonly topicId: string; next: bigint };

const CLAIM_AGAIN_AFTER_MS = 500;
const WARN_EVERY_CLAIM = 60; // every half a minute, while a broker is away
/** A broker that has just come back may not know the end of its log yet. */
const SHORTENED_AFTER_MS = 10_000;
const TOPIC = /^topic:([0-9a-f]{32})$/;

/** The identity of the topic that an offset was committed for; null where whoever committed it did not say. */
export const topicOf = (offsetMetadata: string | null): string | null =>
  TOPIC.exec(offsetMetadata ?? '')?.[1] ?? null;

/**
 * Scans as bytes from Kafka, one batch a partition at a time, or two with `readAhead`, and all partitions side by side.
 * A partition is fetched again only when its batch is dealt with, or with `readAhead` all but one, so a slow processor
 * holds the broker back and memory stays bounded.
 */
export function scanSource(options: ScanSourceOptions): ScanSource {
  const { topic, groupId, activity } = options;
  const consumer: Consumer = options.kafka.consumer({
    groupId,
    sessionTimeout: options.sessionTimeoutMs,
    heartbeatInterval: Math.round(options.sessionTimeoutMs / 5),
    maxBytesPerPartition: options.maxBytesPerPartition,
    maxWaitTimeInMs: 250, // an idle fetch, and a look at whether a partition was claimed; records are answered at once
    minBytes: 1,
    metadataMaxAge: options.metadataMaxAgeMs,
    allowAutoTopicCreation: false, // a topic that was deleted must not come back by our asking for it
    ...(options.partitionAssigner && { partitionAssigners: [options.partitionAssigner] }),
    retry: { initialRetryTime: 20, multiplier: 2, maxRetryTime: 3000, retries: Number.MAX_SAFE_INTEGER },
  });
  const admin = options.kafka.admin();
  const requests = brokerRequests(options.kafka);
  const turns = inTurn<number>();
  const inWork = worksOf<number>();
  const besides = options.readAhead ? 1 : 0; // batches of a partition in work while it is fetched
  let assignment = 0; // number of the current assignment; a claim holds for one only
  let partitions: readonly number[] = [];
  const claims = new Map<number, Claim>();
  /** How far this process knows the group to be; offsets of a group that is alive only grow, within one topic. */
  const reached = new Map<number, { readonly topicId: string; readonly offset: bigint }>();
  /** partition -> up to where a commit failed, of which it is not known whether it arrived. */
  const owed = new Map<number, bigint>();
  const claimsFailed = new Map<number, number>();
  const shortenedSince = new Map<number, number>();
  const closing = new AbortController();

  /** Nothing is read of a partition before it is claimed, so that kafkajs does not choose where to begin. */
  function onAssigned(handlers: ScanHandlers, assigned: readonly number[]): void {
    assignment += 1;
    partitions = assigned;
    handlers.onAssigned?.(assigned);
    if (assigned.length > 0) consumer.pause([{ topic, partitions: [...assigned] }]);
    for (const partition of assigned) void claimUntilDone(handlers, partition, assignment);
  }

  function claimAgain(handlers: ScanHandlers): void {
    for (const partition of partitions) {
      if (claims.delete(partition)) void claimUntilDone(handlers, partition, assignment);
    }
  }

  async function claimUntilDone(handlers: ScanHandlers, partition: number, during: number): Promise<void> {
    try {
      let done = false;
      while (!done && during === assignment && !closing.signal.aborted) {
        done = await turns(
          partition,
          async () =>
            during !== assignment ||
            claims.get(partition)?.assignment === assignment ||
            (await claim(handlers, partition)),
        );
      }
    } catch (error) {
      handlers.onCrash(error as Error);
    }
  }

  async function eachBatch(handlers: ScanHandlers, payload: EachBatchPayload): Promise<void> {
    const { batch, heartbeat, resolveOffset, isRunning, isStale } = payload;
    const { partition } = batch;
    // So that the same is not fetched again and again.
    if (closing.signal.aborted) await whileBeating(heartbeat, handlers, inWork.ended());
    if (closing.signal.aborted || !isRunning() || isStale() || batch.messages.length === 0) return;
    const claimed = claims.get(partition);
    if (claimed?.assignment !== assignment) {
      await whileBeating(heartbeat, handlers, inWork.atMost(0, partition));
      // A process that was frozen must hear that the group went on without it before it may fence the new owner.
      await heartbeat();
      await claim(handlers, partition);
      return;
    }
    // kafkajs chose another place to read from, since there is nothing any more at the one that it was told.
    const isElsewhere = fetchedFrom(batch) !== claimed.next;
    if (isElsewhere || !(await isStillThere(claimed.topicId, handlers))) {
      claims.delete(partition);
      return;
    }
    // Meanwhile the batch before may not have been committed, the partition given away, or the end have begun.
    const isOurs = claims.get(partition) === claimed && claimed.assignment === assignment;
    if (!isOurs || isStale() || closing.signal.aborted) return;
    const fetched = fetchedRecords(batch, options.nowMs());
    const resolve = () => {
      claimed.next = fetched.nextOffset;
      resolveOffset(batch.messages.at(-1)!.offset);
    };
    if (besides > 0) resolve();
    inWork.add(partition, async () => {
      const { topicId } = claimed;
      const work = handlers.process({ partition, ...fetched, offsetMetadata: `topic:${topicId}` });
      const dealt = await (besides === 0 ? work : work.catch(crashed(handlers)));
      if (dealt === 'later') return;
      if (dealt) {
        reached.set(partition, { topicId, offset: fetched.nextOffset });
        owed.delete(partition);
        if (besides === 0) resolve();
        return;
      }
      owed.set(partition, fetched.nextOffset);
      if (claims.get(partition) !== claimed) return;
      claims.delete(partition);
      if (besides > 0) readAgain(partition, fetchedFrom(batch));
    });
    await whileBeating(heartbeat, handlers, inWork.atMost(besides, partition));
  }

  /** What is fetched next finds no claim, and claims. */
  function readAgain(partition: number, from: bigint): void {
    try {
      consumer.seek({ topic, partition, offset: String(from) });
    } catch {
      // The client is between two groups: whoever joins claims.
    }
  }

  /** Records were fetched before this is asked: they are of the topic that is still there. Asked once a fetch. */
  function isStillThere(topicId: string, handlers: ScanHandlers): Promise<boolean> {
    asked ??= requests.topicId(topic);
    setImmediate(() => {
      asked = null;
    });
    return asked.then(
      (now) => now === topicId,
      (error) => {
        handlers.onWarning(`topic ${topic} could not be looked up; its records will be fetched again`, error);
        return false;
      },
    );
  }
  let asked: Promise<string | null> | null = null;

  /**
   * Takes the partition and finds where to read on. A broker that is going away or coming back refuses this in many
   * ways, some of which kafkajs calls final: then it is tried again.
   */
  async function claim(handlers: ScanHandlers, partition: number): Promise<boolean> {
    const during = assignment;
    await inWork.atMost(0, partition); // by the claim that it had
    try {
      await handlers.claim(partition);
      const topicId = await requests.topicId(topic);
      if (topicId === null) throw new Error(`Expected topic ${topic} to exist`);
      const isNew = reached.has(partition) && reached.get(partition)?.topicId !== topicId;
      if (isNew)
        handlers.onWarning(
          `topic ${topic} was made anew; reading partition ${partition} from its start`,
          null,
        );
      const standing = await positionOf(handlers, partition, topicId);
      const { position } = standing;
      const next = (await handlers.beginAt?.(partition, standing)) ?? position;
      if (during !== assignment) return true; // another claim follows
      consumer.seek({ topic, partition, offset: String(next) });
      claims.set(partition, { assignment, topicId, next });
      claimsFailed.delete(partition);
      consumer.resume([{ topic, partitions: [partition] }]);
      activity.succeeded('claim');
      activity.settled(
        String(partition),
        isNew || position >= (owed.get(partition) ?? 0n) ? 'commit' : 'claim',
      );
      return true;
    } catch (error) {
      if (isFatal(error)) throw error;
      if (partitions.includes(partition))
        activity.waits(String(partition), 'claim', error instanceof Error ? error.message : String(error));
      const failed = claimsFailed.get(partition) ?? 0;
      claimsFailed.set(partition, failed + 1);
      if (failed % WARN_EVERY_CLAIM === 0)
        handlers.onWarning(`partition ${partition} not claimed; it is tried again`, error);
      await options.sleep(CLAIM_AGAIN_AFTER_MS, closing.signal);
      return false;
    }
  }

  /** Where the group stands in a partition of the topic, which is ours now, or its first record. */
  async function positionOf(handlers: ScanHandlers, partition: number, topicId: string): Promise<Standing> {
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
      position = endOfShortened(handlers, partition, position, end);
    } else shortenedSince.delete(partition);
    if (position !== null && position < first) handlers.onLost(partition, position, first);
    if (position === null || position < first) position = first;
    reached.set(partition, { topicId, offset: position });
    return { topicId, position, first, end };
  }

  /** A log that ends before what was read of it: its broker has lost records. New ones will take their offsets. */
  function endOfShortened(handlers: ScanHandlers, partition: number, position: bigint, end: bigint): bigint {
    const sinceMs = shortenedSince.get(partition) ?? options.nowMs();
    shortenedSince.set(partition, sinceMs);
    const what = `partition ${partition} was read up to ${position} and ends at ${end}`;
    if (options.nowMs() - sinceMs < SHORTENED_AFTER_MS)
      throw new Error(`${what}; its broker may be starting`);
    handlers.onWarning(`${what}: its broker has lost records; reading on from the end`, null);
    return end;
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

  let handlersOf: ScanHandlers | null = null;
  return {
    async start(handlers) {
      handlersOf = handlers;
      const assignedIn = (members: Readonly<Record<string, number[]>>) => members[topic] ?? [];
      watchGroup(consumer, activity, (members) => assignedIn(members).map(String));
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) =>
        onAssigned(handlers, assignedIn(payload.memberAssignment)),
      );
      // Batches without a record, of markers of transactions alone, are passed over by the client.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
        const claimed = claims.get(payload.partition);
        if (payload.batchSize === 0 && claimed) claimed.next = BigInt(payload.lastOffset) + 1n;
      });
      await admin.connect();
      await consumer.connect();
      await keepRunning({
        consumer,
        topics: [topic],
        beforeJoining: () => requests.findCoordinator('group', groupId),
        config: {
          autoCommit: false, // offsets are committed by the transaction that holds their results
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: 1_000,
          eachBatch: (payload) => turns(payload.batch.partition, () => eachBatch(handlers, payload)),
        },
        sleep: options.sleep,
        closing: closing.signal,
        onWarning: handlers.onWarning,
        onCrash: handlers.onCrash,
      });
    },
    assigned: () => partitions,
    claimAgain() {
      if (handlersOf !== null) claimAgain(handlersOf);
    },
    assignAgain() {
      if (handlersOf !== null && !closing.signal.aborted) onAssigned(handlersOf, partitions);
    },
    async close() {
      closing.abort();
      await inWork.ended();
      await consumer.stop();
      await inWork.ended(); // what was handed over meanwhile
      await consumer.disconnect();
      await Promise.all([admin.disconnect(), requests.close()]);
    },
  };
}

/** Of a work that nobody waits for: what it threw ends the process, and nothing of it counts. */
const crashed =
  ({ onCrash }: ScanHandlers) =>
  (error: unknown): false => {
    onCrash(error as Error);
    return false;
  };

/** The offset that a batch was asked for; the types of kafkajs do not know it. */
const fetchedFrom = (batch: Batch): bigint =>
  BigInt((batch as Batch & { readonly fetchedOffset: string }).fetchedOffset);
