import type { Kafka } from 'kafkajs';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import Encoder from 'kafkajs/src/protocol/encoder.js';
import { askedCluster, type KafkaRequest } from '../kafka/kafka-cluster.ts';

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

export function brokerRequests(kafka: Kafka): BrokerRequests {
  const { ask, close } = askedCluster(kafka);
  return {
    topicId: (topic) =>
      ask(async ({ brokerPool }) => {
        const { connectionPool } = await brokerPool.findConnectedBroker();
        return connectionPool.send(topicMetadata(topic));
      }),
    findCoordinator: (of, id) =>
      ask(async ({ brokerPool }) => {
        const broker = await brokerPool.findConnectedBroker();
        await broker.findGroupCoordinator({ groupId: id, coordinatorType: of === 'group' ? 0 : 1 });
      }),
    close,
  };
}

const METADATA = 3;
const METADATA_VERSION = 12; // the least that names topics by their ids is 10; 12 came with Kafka 2.8
const NOT_THERE: ReadonlySet<number> = new Set([3, 100]); // unknown topic or partition, unknown topic id

/** Metadata of one topic: the answer is its id, or null. https://kafka.apache.org/protocol#The_Messages_Metadata */
function topicMetadata(topic: string): KafkaRequest<string | null> {
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
