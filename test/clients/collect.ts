import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import avro from 'avsc';
import type { Kafka } from 'kafkajs';

/**
 * What comes on a topic, decoded from the schema file alone, and the key of each record.
 * @returns a list that grows until it is closed
 */
export async function collect<Message>(kafka: Kafka, topic: string, schema: string) {
  const type = avro.Type.forSchema(JSON.parse(readFileSync(`schemas/${schema}.v1.avsc`, 'utf8')));
  const messages: Message[] = [];
  const keys: string[] = [];
  const reader = kafka.consumer({ groupId: `collect-${randomUUID()}`, maxWaitTimeInMs: 100 });
  await reader.connect();
  await reader.subscribe({ topic, fromBeginning: true });
  await reader.run({
    eachMessage: async ({ message }) => {
      messages.push(type.fromBuffer(message.value!));
      keys.push(String(message.key));
    },
  });
  return { messages, keys, close: () => reader.disconnect() };
}
