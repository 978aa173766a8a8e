import Decoder from 'kafkajs/src/protocol/decoder.js';
import Encoder from 'kafkajs/src/protocol/encoder.js';
import type { KafkaBroker, KafkaCluster, KafkaRequest } from '../kafka/kafka-cluster.ts';
import { untilEnded } from './until-ended.ts';

export type SettleOptions = {
  readonly transactionalId: string;
  /** Groups of which transactions of this id may have committed offsets. */
  readonly groupIds: readonly string[];
  /** Topics that transactions of this id may have written to. */
  readonly topics: readonly string[];
  readonly transactionTimeoutMs: number;
};

/** How the last transaction of an id ended or is to end; null: it never had one. */
export type Decision = 'commit' | 'abort' | null;

/**
 * Shuts out whoever had the transactional id, and carries the last transaction's end to every partition that was not
 * told of it.
 *
 * A broker that is killed between its decision (PrepareCommit) and telling the partitions may, when it is back, take
 * partitions whose leader is not known yet for deleted ones, and call the transaction complete without having told
 * them (docs/experiments/2026-11-26-kafka-markers.md). What was published and the offsets then hang: nobody sees them,
 * the work is done again, and the marker of the next transaction commits both. A transaction without content that has
 * the same end, over all partitions where something is open, tells them now. It must have the same end: where only
 * some were told, the other end would lose or double what it holds.
 */
export async function settleTransaction(cluster: KafkaCluster, options: SettleOptions): Promise<Decision> {
  const { transactionalId, groupIds, topics, transactionTimeoutMs } = options;
  const decision = decisionOf(await transactionState(cluster, transactionalId));
  if (decision === null) return null;
  const coordinator = await coordinatorOf(cluster, transactionalId);
  const fenced = await untilEnded(() =>
    coordinator.initProducerId({ transactionalId, transactionTimeout: transactionTimeoutMs }),
  );
  const producer = { transactionalId, ...fenced };
  const open = await openPartitions(cluster, topics);
  if (open.length > 0) await coordinator.addPartitionsToTxn({ ...producer, topics: open });
  for (const groupId of groupIds) await coordinator.addOffsetsToTxn({ ...producer, groupId });
  await coordinator.endTxn({ ...producer, transactionResult: decision === 'commit' });
  return decision;
}

/** State of a transactional id by its coordinator, such as CompleteCommit; null: it knows none. */
export async function transactionState(
  cluster: KafkaCluster,
  transactionalId: string,
): Promise<string | null> {
  const coordinator = await coordinatorOf(cluster, transactionalId);
  return coordinator.connectionPool.send(describeTransaction(transactionalId));
}

const coordinatorOf = (cluster: KafkaCluster, transactionalId: string): Promise<KafkaBroker> =>
  cluster.findGroupCoordinator({ groupId: transactionalId, coordinatorType: 1 });

/**
 * A transaction that nobody has ended is ended as an abort by whoever takes its id. `Empty` is what an id is after it
 * was taken: whoever did so and went on settled it, and who did not get so far cannot be asked; almost all that is
 * decided is decided as a commit.
 */
function decisionOf(state: string | null): Decision {
  if (state === null) return null;
  return ['Ongoing', 'PrepareAbort', 'PrepareEpochFence', 'CompleteAbort', 'Dead'].includes(state)
    ? 'abort'
    : 'commit';
}

/** Partitions that have records of transactions without an end: nearly always of others', which are at work. */
async function openPartitions(cluster: KafkaCluster, topics: readonly string[]) {
  await cluster.addMultipleTargetTopics(topics);
  await cluster.refreshMetadata();
  const byLeader = new Map<number, Map<string, number[]>>();
  for (const topic of topics) {
    for (const { partitionId, leader } of cluster.findTopicPartitionMetadata(topic)) {
      const led = byLeader.get(leader) ?? new Map<string, number[]>();
      byLeader.set(leader, led.set(topic, [...(led.get(topic) ?? []), partitionId]));
    }
  }
  const open = new Map<string, number[]>();
  for (const [nodeId, led] of byLeader) {
    const broker = await cluster.findBroker({ nodeId });
    const stable = await ends(broker, led, READ_COMMITTED);
    const all = await ends(broker, led, READ_UNCOMMITTED);
    for (const [name, { topic, partition, offset }] of all) {
      if (stable.get(name)!.offset < offset) open.set(topic, [...(open.get(topic) ?? []), partition]);
    }
  }
  return [...open].map(([topic, partitions]) => ({ topic, partitions }));
}

const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
const LATEST = -1;

async function ends(broker: KafkaBroker, led: ReadonlyMap<string, readonly number[]>, isolationLevel: 0 | 1) {
  const topics = [...led].map(([topic, partitions]) => ({
    topic,
    partitions: partitions.map((partition) => ({ partition, timestamp: LATEST })),
  }));
  const { responses } = await broker.listOffsets({ isolationLevel, topics });
  return new Map(
    responses.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => [
        `${topic}/${partition}`,
        { topic, partition, offset: BigInt(offset) },
      ]),
    ),
  );
}

const DESCRIBE_TRANSACTIONS = 65;
const TRANSACTIONAL_ID_NOT_FOUND = 105;

/** https://kafka.apache.org/protocol#The_Messages_DescribeTransactions */
function describeTransaction(transactionalId: string): KafkaRequest<string | null> {
  return {
    request: {
      apiKey: DESCRIBE_TRANSACTIONS,
      apiVersion: 0,
      apiName: 'DescribeTransactions',
      encode: async () =>
        new Encoder()
          .writeUVarIntBytes() // tagged fields of the header: none
          .writeUVarIntArray([new Encoder().writeUVarIntString(transactionalId)])
          .writeUVarIntBytes(),
    },
    response: {
      async decode(bytes) {
        const decoder = new Decoder(bytes);
        decoder.readTaggedFields();
        decoder.readInt32(); // throttle time
        if (decoder.readUVarInt() !== 2)
          throw new Error(`Expected the state of one transactional id, ${transactionalId}`);
        const errorCode = decoder.readInt16();
        decoder.readUVarIntString(); // the id
        return { errorCode, state: decoder.readUVarIntString() };
      },
      async parse(decoded) {
        const { errorCode, state } = decoded as { errorCode: number; state: string };
        if (errorCode === TRANSACTIONAL_ID_NOT_FOUND) return null;
        if (errorCode !== 0)
          throw new Error(
            `Expected the state of transactional id ${transactionalId}, got error ${errorCode}`,
          );
        return state;
      },
    },
  };
}
