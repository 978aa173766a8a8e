import type { Consumer, Kafka, PartitionAssigner } from 'kafkajs';
import { brokerRequests } from './broker-requests.ts';
import { type GroupActivity, watchGroup } from './group-activity.ts';
import { groupStanding } from './group-standing.ts';
import { inTurn } from './in-turn.ts';
import { keepRunning } from './keep-running.ts';
import { type PartitionClaims, partitionClaims } from './partition-claims.ts';
import type { ScanHandlers } from './scan-handlers.ts';
import { takeBatches } from './take-batches.ts';
import { topicStillThere } from './topic-identity.ts';
import { worksOf } from './works-of.ts';

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
   * throw, and does not answer that it waits.
   */
  readonly readAhead?: boolean;
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

/**
 * Scans as bytes from Kafka, one batch a partition at a time, or two with `readAhead`, and all partitions side by side.
 * A partition is fetched again only when its batch is dealt with, or with `readAhead` all but one, so a slow processor
 * holds the broker back and memory stays bounded. A partition that the group gives is claimed (`partitionClaims`) and
 * read on from where the group stands (`groupStanding`); what is fetched of it is handed over (`takeBatches`).
 */
export function scanSource(options: ScanSourceOptions): ScanSource {
  const { kafka, topic, groupId, sessionTimeoutMs, activity, nowMs, sleep } = options;
  const consumer: Consumer = kafka.consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: Math.round(sessionTimeoutMs / 5),
    maxBytesPerPartition: options.maxBytesPerPartition,
    maxWaitTimeInMs: 250, // an idle fetch, and a look at whether a partition was claimed; records are answered at once
    minBytes: 1,
    metadataMaxAge: options.metadataMaxAgeMs,
    allowAutoTopicCreation: false, // a topic that was deleted must not come back by our asking for it
    ...(options.partitionAssigner && { partitionAssigners: [options.partitionAssigner] }),
    retry: { initialRetryTime: 20, multiplier: 2, maxRetryTime: 3000, retries: Number.MAX_SAFE_INTEGER },
  });
  const admin = kafka.admin();
  const requests = brokerRequests(kafka);
  const inWork = worksOf<number>();
  const closing = new AbortController();
  let claims: PartitionClaims | null = null; // from the start on

  async function start(handlers: ScanHandlers): Promise<void> {
    const { onWarning, onCrash } = handlers;
    const turns = inTurn<number>();
    const standing = groupStanding({ admin, topic, groupId, nowMs, handlers });
    const shared = { consumer, topic, standing, inWork, sleep, closing: closing.signal, handlers };
    const held = partitionClaims({ ...shared, requests, turns, activity });
    const isStillThere = topicStillThere({ requests, topic, onWarning });
    const besides = options.readAhead ? 1 : 0;
    const take = takeBatches({ ...shared, claims: held, besides, isStillThere, sessionTimeoutMs, nowMs });
    claims = held;

    const assignedIn = (members: Readonly<Record<string, number[]>>) => members[topic] ?? [];
    watchGroup(consumer, activity, (members) => assignedIn(members).map(String));
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) =>
      held.assign(assignedIn(payload.memberAssignment)),
    );
    // Batches without a record, of markers of transactions alone, are passed over by the client.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      const claimed = held.of(payload.partition);
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
        eachBatch: (payload) => turns(payload.batch.partition, () => take(payload)),
      },
      sleep,
      closing: closing.signal,
      onWarning,
      onCrash,
    });
  }

  return {
    start,
    assigned: () => claims?.assigned() ?? [],
    claimAgain: () => claims?.again(),
    assignAgain() {
      if (!closing.signal.aborted) claims?.assign(claims.assigned());
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
