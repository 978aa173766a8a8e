// Consume, produce and commit in transactions by @platformatic/kafka: what bench/bare-loop.ts does by kafkajs, but that
// one transaction holds all partitions of the process. Not serialised twice: keys and values stay buffers.

import { once } from 'node:events';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { KAFKA_BROKERS, KAFKA_GROUP, TOPIC_SCANS, TOPIC_DESCRIPTORS, CLIENT_FOLDER } = process.env;
// The package is beside the Node that runs this, not in the project.
const at = createRequire(`${CLIENT_FOLDER}/`).resolve('@platformatic/kafka');
const { Consumer, Producer } = await import(pathToFileURL(at).href);

const BATCH = 128; // all of one partition are one batch, of which a topic takes 1 MB
const bootstrapBrokers = KAFKA_BROKERS.split(',');
const consumer = new Consumer({ clientId: 'bare', groupId: KAFKA_GROUP, bootstrapBrokers });
const producer = new Producer({
  ...{
    clientId: 'bare',
    bootstrapBrokers,
    transactionalId: `${KAFKA_GROUP}-0`,
    idempotent: true,
    retries: 100,
    retryDelay: 10, // for a transaction that is still being ended
  },
});
const stream = await consumer.consume({
  ...{ topics: [TOPIC_SCANS], mode: 'committed', fallbackMode: 'earliest', autocommit: false },
  ...{ maxWaitTime: 100, highWaterMark: 2 * BATCH, isolationLevel: 1 },
});
console.log('"msg":"processing"');

let going = true;
process.once('SIGTERM', () => {
  going = false;
  stream.emit('readable');
});
while (going) {
  const messages = [];
  for (let next = stream.read(); next !== null; next = messages.length < BATCH ? stream.read() : null)
    messages.push(next);
  if (messages.length === 0) {
    await once(stream, 'readable');
    continue;
  }
  const transaction = await producer.beginTransaction();
  await transaction.addConsumer(consumer);
  await transaction.send({
    messages: messages.map(({ key, value }) => ({ topic: TOPIC_DESCRIPTORS, key, value })),
  });
  const last = new Map(messages.map((message) => [message.partition, message]));
  for (const message of last.values()) await transaction.addOffset(message);
  await transaction.commit();
}
await consumer.close(true);
await producer.close();
