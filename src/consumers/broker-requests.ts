import type { Kafka } from 'kafkajs';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import Encoder from 'kafkajs/src/protocol/encoder.js';

/** What kafkajs does not ask a broker, or asks and keeps the answer to itself. Errors have the broker's `type`. */
export type BrokerRequests = {
  /**
   * Identity of a topic, a UUID in hex; null: there is none of that name. A topic that was deleted and made anew has
   * the name, and may have the offsets, of the former one.
   */
  topicId(topic: string): Promise<string | null>;
  /**
   * Asks who coordinates a group or a transactional id. kafkajs hides a refusal and says that there is no coordinator.
   */
  findCoordinator(of: 'group' | 'transaction', id: string): Promise<void>;
  close(): Promise<void>;
};

/** Of kafkajs' inner workings, in which a request goes over the connections, with the login, of its own. */
type Broker = {
  readonly connectionPool: { send(request: Protocol): Promise<unknown> };
  findGroupCoordinator(of: { groupId: string; coordinatorType: 0 | 1 }): Promise<unknown>;
};
type Cluster = {
  readonly brokerPool: { findConnectedBroker(): Promise<Broker> };
  connect(): Promise<void>;
  disconnect(): Promise<void>;
};
type Protocol = {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    readonly encode: () => Promise<Encoder>;
  };
  readonly response: {
    readonly decode: (bytes: Buffer) => Promise<unknown>;
    readonly parse: (decoded: unknown) => Promise<unknown>;
  };
};

export function brokerRequests(kafka: Kafka): BrokerRequests {
  const cluster = clusterOf(kafka);
  const broker = () => cluster.brokerPool.findConnectedBroker();
  return {
    async topicId(topic) {
      return (await (await broker()).connectionPool.send(topicMetadata(topic))) as string | null;
    },
    async findCoordinator(of, id) {
      await (await broker()).findGroupCoordinator({ groupId: id, coordinatorType: of === 'group' ? 0 : 1 });
    },
    close: () => cluster.disconnect(),
  };
}

function clusterOf(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  if (symbol === undefined) throw new TypeError('Expected kafkajs 2.2, whose clusters are made by a symbol');
  const create = (kafka as unknown as Readonly<Record<symbol, (options: object) => Cluster>>)[symbol]!;
  return create({ allowAutoTopicCreation: false });
}

const METADATA = 3;
const METADATA_VERSION = 12; // the least that names topics by their ids is 10; 12 came with Kafka 2.8
const NOT_THERE: ReadonlySet<number> = new Set([3, 100]); // unknown topic or partition, unknown topic id

/** Metadata of one topic: the answer is its id, or null. https://kafka.apache.org/protocol#The_Messages_Metadata */
function topicMetadata(topic: string): Protocol {
  return {
    request: {
      apiKey: METADATA,
      apiVersion: METADATA_VERSION,
      apiName: 'Metadata',
      encode: async () =>
        new Encoder()
          .writeUVarIntBytes() // tagged fields of the header: none
          .writeUVarIntArray([
            new Encoder().writeBuffer(Buffer.alloc(16)).writeUVarIntString(topic).writeUVarIntBytes(),
          ])
          .writeBoolean(false) // do not create it
          .writeBoolean(false) // nor say who may do what
          .writeUVarIntBytes(),
    },
    response: {
      async decode(bytes) {
        const decoder = new Decoder(bytes);
        decoder.readTaggedFields();
        decoder.readInt32(); // throttle time
        decoder.readUVarIntArray(() => {
          decoder.readInt32(); // node id
          decoder.readUVarIntString(); // host
          decoder.readInt32(); // port
          decoder.readUVarIntString(); // rack
          decoder.readTaggedFields();
        });
        decoder.readUVarIntString(); // cluster id
        decoder.readInt32(); // controller id
        if (decoder.readUVarInt() !== 2) throw new Error(`Expected the metadata of one topic, ${topic}`);
        const errorCode = decoder.readInt16();
        decoder.readUVarIntString(); // name
        return { errorCode, id: decoder.readBytes(16)!.toString('hex') };
      },
      async parse(decoded) {
        const { errorCode, id } = decoded as { errorCode: number; id: string };
        if (NOT_THERE.has(errorCode)) return null;
        if (errorCode !== 0) throw new Error(`Expected the metadata of ${topic}, got error ${errorCode}`);
        return id;
      },
    },
  };
}
