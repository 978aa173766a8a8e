import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import type { Kafka, Producer, RequestEvent } from 'kafkajs';
import { kafkaClient } from '../../src/consumers/kafka-client.ts';
import { createFlowTopics } from '../../src/producers/create-topics.ts';
import { outcomePublisher } from '../../src/producers/outcome-publisher.ts';
import { exampleOutcome } from '../producers/example-outcomes.ts';

// What a transaction costs, as a count of requests: time and CPU at low rates go into little else.

const brokers = [process.env.KAFKA_BROKERS_TEST!];
const id = randomUUID().slice(0, 8);
const topics = {
  TOPIC_SCANS: `scans-${id}`,
  TOPIC_DESCRIPTORS: `descriptors-${id}`,
  TOPIC_DEAD_LETTERS: `dead-letters-${id}`,
  TOPIC_STANDARDS: `standards-${id}`,
  TOPIC_RUN_REFERENCES: `run-references-${id}`,
  TOPIC_RUNS: `runs-${id}`,
};
const requests: string[] = [];
/** It stands: coordinators are looked up again after 5 s, which a slow machine may take between two transactions. */
const now = Date.now();

/** A client whose producers' requests are counted. */
const counted = (kafka: Kafka): Kafka =>
  Object.create(kafka, {
    producer: {
      value(this: Kafka, ...given: Parameters<Kafka['producer']>): Producer {
        const producer = kafka.producer.apply(this, given);
        producer.on(
          producer.events.REQUEST,
          ({ payload }: RequestEvent) => void requests.push(payload.apiName),
        );
        return producer;
      },
    },
    // The inner workings are looked for on the client itself.
    ...Object.fromEntries(
      Object.getOwnPropertySymbols(kafka).map((symbol) => [symbol, { value: Reflect.get(kafka, symbol) }]),
    ),
  }) as Kafka;

const publisher = outcomePublisher({
  kafka: counted(kafkaClient({ brokers, clientId: 'requests' })),
  groupId: `group-${id}`,
  scansTopic: topics.TOPIC_SCANS,
  descriptorsTopic: topics.TOPIC_DESCRIPTORS,
  deadLettersTopic: topics.TOPIC_DEAD_LETTERS,
  referencesTopic: topics.TOPIC_RUN_REFERENCES,
  nowMs: () => now,
});
afterAll(() => publisher.close());

test('a transaction is five requests, whether it holds one scan or a hundred', async () => {
  await createFlowTopics(kafkaClient({ brokers, clientId: 'requests' }), topics, 1);
  await publisher.claim(0);
  await publisher.commit(0, [exampleOutcome(0)], { offset: 1n, metadata: '' }, []);
  for (const count of [1, 100]) {
    requests.length = 0;
    const outcomes = Array.from({ length: count }, (_, i) => exampleOutcome(i));
    await publisher.commit(0, outcomes, { offset: BigInt(count), metadata: '' }, []);
    // A broker that has answered a commit refuses the next transaction until its markers are written: then kafkajs
    // looks at the metadata and asks again.
    const asked = requests
      .filter((name) => name !== 'Metadata')
      .filter((name, i, all) => name !== all[i - 1]);
    expect(asked).toEqual(['AddPartitionsToTxn', 'Produce', 'AddOffsetsToTxn', 'TxnOffsetCommit', 'EndTxn']);
  }
});

test('offsets without records are committed though the broker still ends the transaction before', async () => {
  for (let offset = 200n; offset < 240n; offset += 1n)
    expect(await publisher.commit(0, [], { offset, metadata: '' }, [])).toEqual([]);
});
