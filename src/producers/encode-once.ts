import type { Kafka } from 'kafkajs';
import Encoder from 'kafkajs/src/protocol/encoder.js';
import produceVersions from 'kafkajs/src/protocol/requests/produce/index.js';
import { type KafkaBroker, type KafkaRequest, withClusters } from '../kafka/kafka-cluster.ts';
import { encodeProduce, type Produce } from './encode-produce.ts';

const PRODUCE = 0;
/** The versions whose requests are alike. */
const [FIRST, LAST] = [3, 8];

/**
 * The client with producers whose records are encoded by encodeProduce; all else of them is kafkajs' own.
 * @throws TypeError for another kafkajs than 2.2, whose brokers send by a symbol
 */
export function encodeOnce(kafka: Kafka): Kafka {
  return withClusters(kafka, (cluster) => {
    const changed = new WeakSet<KafkaBroker>();
    const findBroker = cluster.findBroker.bind(cluster);
    cluster.findBroker = async (of) => {
      const broker = await findBroker(of);
      if (!changed.has(broker)) change(broker);
      changed.add(broker);
      return broker;
    };
  });
}

function change(broker: KafkaBroker): void {
  const symbol = Object.getOwnPropertySymbols(Object.getPrototypeOf(broker)).find(
    ({ description }) => description === 'private:Broker:sendRequest',
  );
  if (symbol === undefined) throw new TypeError('Expected kafkajs 2.2, whose brokers send by a symbol');
  const produce = broker.produce.bind(broker);
  type Send = (request: KafkaRequest<unknown>) => Promise<unknown>;
  const send = (broker as unknown as Record<symbol, Send>)[symbol]!.bind(broker);
  broker.produce = (given) => {
    const of = given as Produce;
    const made = broker.lookupRequest<Produce>(PRODUCE, produceVersions)(of);
    const { request } = made;
    if ((of.compression ?? 0) !== 0 || request.apiVersion < FIRST || request.apiVersion > LAST)
      return produce(given);
    const encode = () => Promise.resolve(holding(encodeProduce(of, Date.now())));
    return send({ ...made, request: { ...request, encode } });
  };
}

/** Bytes as kafkajs takes them. */
function holding(bytes: Buffer): Encoder {
  return Object.assign(new Encoder(1), { buf: bytes, offset: bytes.length });
}
