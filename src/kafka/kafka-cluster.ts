import type { Kafka, KafkaMessage } from 'kafkajs';
import type Encoder from 'kafkajs/src/protocol/encoder.js';

/** A request that kafkajs does not know, as it sends one: https://kafka.apache.org/protocol */
export type KafkaRequest<Answer> = {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    readonly encode: () => Promise<Encoder>;
  };
  readonly response: {
    readonly decode: (bytes: Buffer) => Promise<unknown>;
    readonly parse: (decoded: unknown) => Promise<Answer>;
  };
};

type Producer = {
  readonly transactionalId: string;
  readonly producerId: string;
  readonly producerEpoch: number;
};
type TopicPartitions = { readonly topic: string; readonly partitions: readonly number[] };

/** A broker as kafkajs knows it inside: requests go over its connections, with its login. Refusals are thrown. */
export type KafkaBroker = {
  /** A request in the newest version that the broker and kafkajs both know. */
  lookupRequest<Of>(apiKey: number, definitions: object): (of: Of) => KafkaRequest<unknown>;
  produce(of: object): Promise<unknown>;
  readonly connectionPool: {
    send<Answer>(request: KafkaRequest<Answer>): Promise<Answer>;
    /** Opens it where it is not open: 0 of all else, 1 of fetches. */
    getConnection(index: 0 | 1): Promise<unknown>;
  };
  findGroupCoordinator(of: { groupId: string; coordinatorType: CoordinatorType }): Promise<unknown>;
  initProducerId(of: {
    transactionalId: string;
    transactionTimeout: number;
  }): Promise<{ producerId: string; producerEpoch: number }>;
  addPartitionsToTxn(of: Producer & { topics: readonly TopicPartitions[] }): Promise<unknown>;
  addOffsetsToTxn(of: Producer & { groupId: string }): Promise<unknown>;
  endTxn(of: Producer & { transactionResult: boolean }): Promise<unknown>;
  fetch(request: object): Promise<{
    readonly responses: readonly { readonly partitions: readonly FetchAnswer[] }[];
  }>;
  listOffsets(of: {
    isolationLevel: 0 | 1;
    topics: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly timestamp: number }[];
    }[];
  }): Promise<{ responses: { topic: string; partitions: { partition: number; offset: string }[] }[] }>;
};

export type FetchAnswer = {
  readonly partition: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly abortedTransactions: readonly unknown[];
  readonly messages: readonly KafkaMessage[];
};

export type KafkaCluster = {
  readonly brokerPool: { findConnectedBroker(): Promise<KafkaBroker> };
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  refreshMetadata(): Promise<void>;
  findTopicPartitionMetadata(
    topic: string,
  ): readonly { readonly partitionId: number; readonly leader: number }[];
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Readonly<Record<string, number[]>>;
  fetchTopicsOffset(
    topics: readonly object[],
  ): Promise<
    readonly { readonly partitions: readonly { readonly partition: number; readonly offset: string }[] }[]
  >;
  findBroker(of: { nodeId: number }): Promise<KafkaBroker>;
  findGroupCoordinator(of: { groupId: string; coordinatorType: CoordinatorType }): Promise<KafkaBroker>;
  findGroupCoordinatorMetadata(of: { groupId: string; coordinatorType: CoordinatorType }): Promise<unknown>;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
};

/** Of a group, or of a transactional id. */
export type CoordinatorType = 0 | 1;

/**
 * Connections of their own by the settings of `kafka`, for what kafkajs does not ask a broker; `disconnect` ends them.
 */
export function clusterOf(kafka: Kafka): KafkaCluster {
  return makerOf(kafka).make.call(kafka, { allowAutoTopicCreation: false });
}

/** A cluster that is asked one thing after the other, by several at once, until it is closed. */
export type AskedCluster = {
  /** @throws Error once it is closed */
  ask<Answer>(question: (cluster: KafkaCluster) => Promise<Answer>): Promise<Answer>;
  /** What waits for an answer fails. No connection is left, though a question that fails may connect anew. */
  close(): Promise<void>;
  readonly closed: boolean;
};

export function askedCluster(kafka: Kafka): AskedCluster {
  const cluster = clusterOf(kafka);
  const asked = new Set<Promise<unknown>>();
  let closed = false;
  return {
    async ask(question) {
      if (closed) throw new Error('Expected to ask a broker before its connections were closed');
      const answer = question(cluster);
      asked.add(answer);
      try {
        return await answer;
      } finally {
        asked.delete(answer);
      }
    },
    async close() {
      closed = true;
      await cluster.disconnect();
      await Promise.allSettled(asked);
      await cluster.disconnect();
    },
    get closed() {
      return closed;
    },
  };
}

/** The client whose producers and consumers have their clusters changed by `change`, as each is made. */
export function withClusters(kafka: Kafka, change: (cluster: KafkaCluster) => void): Kafka {
  const { symbol, make } = makerOf(kafka);
  const value: MakeCluster = (options) => {
    const cluster = make.call(kafka, options);
    change(cluster);
    return cluster;
  };
  return Object.create(kafka, { [symbol]: { value } }) as Kafka;
}

type MakeCluster = (options: object) => KafkaCluster;

/** @throws TypeError for another kafkajs than 2.2, whose clusters are made by a symbol */
function makerOf(kafka: Kafka): { readonly symbol: symbol; readonly make: MakeCluster } {
  for (let of: object = kafka; of !== null; of = Object.getPrototypeOf(of) as object) {
    const symbol = Object.getOwnPropertySymbols(of).find(
      ({ description }) => description === 'private:Kafka:createCluster',
    );
    if (symbol !== undefined)
      return { symbol, make: (of as unknown as Record<symbol, MakeCluster>)[symbol]! };
  }
  throw new TypeError('Expected kafkajs 2.2, whose clusters are made by a symbol');
}
