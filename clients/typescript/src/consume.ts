import type { EachBatchPayload, Kafka } from 'kafkajs';
import { ClientError } from './errors.ts';
import { fatalSentence } from './kafka.ts';

/** A record as it lies in its topic. */
export type IncomingRecord = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** ms since 1970 */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | undefined>>;
};

export type Consuming = {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly groupId: string;
  /** Whether the group remembers what was read. */
  readonly commits: boolean;
  /** Where to begin partitions that the group remembers nothing of. */
  readonly startAt: ReadonlyMap<number, string>;
  /** Resolves when the record was dealt with; to false where the reader has ended, and it was not. */
  readonly onRecord: (record: IncomingRecord) => Promise<boolean>;
  /** Is told how far a partition was read: the offset of its last record so far. */
  readonly onRead?: (partition: number, offset: number) => void;
  readonly onWarning: (message: string) => void;
  /** What no retry mends. */
  readonly onCrash: (error: ClientError) => void;
};

const COMMIT_EVERY_MS = 1000;
const BEAT_EVERY_MS = 3000;
const BEGIN_AGAIN_AFTER_MS = 1000;

/** Hands over the committed records of a topic, one at a time, until it is closed. */
export async function consume(options: Consuming): Promise<{ close(): Promise<void> }> {
  const { topic, onWarning, onCrash } = options;
  const consumer = options.kafka.consumer({
    groupId: options.groupId,
    readUncommitted: false,
    heartbeatInterval: BEAT_EVERY_MS,
    maxWaitTimeInMs: 500,
    metadataMaxAge: 15_000, // partitions that were added are seen after so long
    allowAutoTopicCreation: false,
  });
  let closed = false;
  const next = new Map(options.startAt);
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    for (const partition of payload.memberAssignment[topic] ?? []) {
      const offset = next.get(partition);
      if (offset !== undefined) consumer.seek({ topic, partition, offset });
    }
    if (options.commits) next.clear(); // from here on the group remembers
  });
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
    if (!options.commits) next.set(partition, String(Number(lastOffset) + 1));
    options.onRead?.(partition, Number(lastOffset));
  });
  // kafkajs begins again after most failures by itself, but not after some that a restarting broker brings about.
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    const fatal = fatalSentence(error);
    if (fatal !== null) return onCrash(new ClientError(fatal));
    onWarning(`Reading ${topic} begins again: ${error.message}`);
    if (!restart) setTimeout(() => void beginAgain(), BEGIN_AGAIN_AFTER_MS);
  });

  async function begin(): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: options.commits,
      autoCommitInterval: COMMIT_EVERY_MS,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => dealWith(payload, options),
    });
  }

  async function beginAgain(): Promise<void> {
    if (closed) return;
    await begin().catch((error: Error) => {
      onWarning(`Reading ${topic} could not begin again: ${error.message}`);
      setTimeout(() => void beginAgain(), BEGIN_AGAIN_AFTER_MS);
    });
  }

  await begin().catch((error: Error) => {
    throw new ClientError(fatalSentence(error) ?? `Expected to read ${topic}: ${error.message}`);
  });
  return {
    async close() {
      closed = true;
      await consumer.disconnect();
    },
  };
}

async function dealWith(payload: EachBatchPayload, { commits, onRecord }: Consuming): Promise<void> {
  const { batch, heartbeat, isRunning, isStale, resolveOffset, commitOffsetsIfNecessary } = payload;
  const { topic, partition } = batch;
  for (const { offset, timestamp, key, value, headers = {} } of batch.messages) {
    if (!isRunning() || isStale()) return;
    const flat = Object.entries(headers).map(
      ([name, each]) => [name, bytesOf([each].flat().at(-1))] as const,
    );
    const record = { topic, partition, offset: Number(offset), timestamp: Number(timestamp), key, value };
    // Whoever takes long over a record must not lose the partition by it.
    const beating = setInterval(() => void heartbeat().catch(() => {}), BEAT_EVERY_MS);
    try {
      if (!(await onRecord({ ...record, headers: Object.fromEntries(flat) }))) return;
    } finally {
      clearInterval(beating);
    }
    resolveOffset(offset);
    if (commits) await commitOffsetsIfNecessary();
  }
}

const bytesOf = (value: Buffer | string | undefined): Buffer | undefined =>
  typeof value === 'string' ? Buffer.from(value) : value;
