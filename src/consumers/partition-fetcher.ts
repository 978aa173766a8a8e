import type { Kafka } from 'kafkajs';
import KafkaBatch from 'kafkajs/src/consumer/batch.js';
import { later } from '../common/offsets.ts';
import { askedCluster, type KafkaBroker, type KafkaCluster } from '../kafka/kafka-cluster.ts';
import type { SourceRecord } from '../messages/record.ts';
import { recordsOf } from './fetched-records.ts';

export type FetchedPart = {
  /** Committed records, in the order of their offsets. */
  readonly records: readonly SourceRecord[];
  /** Offset from which to read on. */
  readonly next: bigint;
  /** Up to where every transaction is committed or aborted, */
  readonly stableEnd: bigint;
  /** and where the partition ends. */
  readonly end: bigint;
};

export type PartitionFetcher = {
  /** Numbers of the partitions of a topic; empty: there is none of that name, or it may not be seen. */
  partitions(topic: string): Promise<readonly number[]>;
  /** Offset of the first record that is still there. */
  first(topic: string, partition: number): Promise<bigint>;
  /** Offset behind the last record, of open transactions too. */
  end(topic: string, partition: number): Promise<bigint>;
  /** What is committed from `from` on, up to a megabyte; waits so long for the first record. */
  fetch(topic: string, partition: number, from: bigint, maxWaitMs: number): Promise<FetchedPart>;
  /** Whether a committed record lies from `from` on. Little is fetched to know it. */
  isMore(topic: string, partition: number, from: bigint): Promise<boolean>;
  close(): Promise<void>;
};

const READ_COMMITTED = 1;
/** What is unpacked at a stroke holds up all else; the broker sends a larger record whole. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads partitions without a consumer group: for tables, which every process reads whole, and for state that must be
 * read back within milliseconds of a claim, where joining a group takes seconds. kafkajs reads in groups alone, and has
 * below them what is needed.
 */
export function partitionFetcher(kafka: Kafka, nowMs: () => number): PartitionFetcher {
  const asked = askedCluster(kafka);
  const opening = new Map<KafkaBroker['connectionPool'], Promise<unknown>>();

  /** Of two who fetch before the connection is open kafkajs opens one for each, and forgets the first unclosed. */
  async function openOnce({ connectionPool: pool }: KafkaBroker): Promise<void> {
    if (!opening.has(pool))
      opening.set(
        pool,
        pool.getConnection(1).finally(() => opening.delete(pool)),
      );
    await opening.get(pool);
  }

  /** A leader that has moved is found anew, by whoever tries again. */
  const orRefresh = <Answer>(question: (cluster: KafkaCluster) => Promise<Answer>): Promise<Answer> =>
    asked.ask(async (cluster) => {
      try {
        return await question(cluster);
      } catch (error) {
        if (!asked.closed) await cluster.refreshMetadata().catch(() => {});
        throw error;
      }
    });

  const boundOf = (topic: string, partition: number, fromBeginning: boolean): Promise<bigint> =>
    orRefresh(async (cluster) => {
      await cluster.addMultipleTargetTopics([topic]);
      const [answer] = await cluster.fetchTopicsOffset([
        { topic, partitions: [{ partition }], fromBeginning },
      ]);
      const offset = answer?.partitions.find((each) => each.partition === partition)?.offset;
      if (offset === undefined) throw new Error(`Expected topic ${topic} to have a partition ${partition}`);
      return BigInt(offset);
    });

  const fetchFrom = (
    topic: string,
    partition: number,
    from: bigint,
    maxWaitMs: number,
    maxBytes: number,
  ): Promise<FetchedPart> =>
    orRefresh(async (cluster) => {
      await cluster.addMultipleTargetTopics([topic]);
      const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
      if (nodeId === undefined) throw new Error(`Expected topic ${topic} to have a partition ${partition}`);
      const broker = await cluster.findBroker({ nodeId: Number(nodeId) });
      await openOnce(broker);
      const { responses } = await broker.fetch({
        ...{ isolationLevel: READ_COMMITTED, maxWaitTime: maxWaitMs, minBytes: maxWaitMs > 0 ? 1 : 0 },
        maxBytes,
        topics: [{ topic, partitions: [{ partition, fetchOffset: String(from), maxBytes }] }],
      });
      const answer = responses[0]!.partitions[0]!;
      // Markers and records of aborted transactions are among these, and count for where to read on.
      const last = answer.messages.findLast(({ offset }) => BigInt(offset) >= from);
      const next = last === undefined ? from : BigInt(last.offset) + 1n;
      const committed = new KafkaBatch(topic, String(from), answer).messages;
      return {
        records: recordsOf(topic, partition, committed, nowMs()),
        next,
        stableEnd: BigInt(answer.lastStableOffset),
        end: BigInt(answer.highWatermark),
      };
    });

  return {
    partitions: (topic) =>
      asked.ask(async (cluster) => {
        await cluster.addMultipleTargetTopics([topic]);
        await cluster.refreshMetadata(); // of this topic alone, as the cluster knows no others
        return cluster
          .findTopicPartitionMetadata(topic)
          .map(({ partitionId }) => partitionId)
          .sort((a, b) => a - b);
      }),
    first: (topic, partition) => boundOf(topic, partition, true),
    end: (topic, partition) => boundOf(topic, partition, false),
    fetch: (topic, partition, from, maxWaitMs) => fetchFrom(topic, partition, from, maxWaitMs, MAX_BYTES),
    async isMore(topic, partition, from) {
      for (let at = later(from, await boundOf(topic, partition, true)); ; ) {
        const { records, next, stableEnd } = await fetchFrom(topic, partition, at, 0, 1); // one batch at the least
        if (records.length > 0 || next === at) return records.length > 0 || next < stableEnd;
        at = next; // what was fetched is of aborted transactions
      }
    },
    close: asked.close,
  };
}
