import type { Acknowledgement } from '@xanes-stream/client';
import type { Kafka } from 'kafkajs';
import { createProducer } from '../../demo/services/kafka-client.ts';
import { collect } from './collect.ts';

/**
 * Acknowledgements of a topic as they come, with the key of each, and what publishes records to topics as they are.
 * @param closing is given what ends both
 */
export async function rawRecords(
  kafka: Kafka,
  { acknowledgements }: { readonly acknowledgements: string },
  closing: (() => Promise<unknown>)[],
) {
  const said = await collect<Acknowledgement>(kafka, acknowledgements, 'acknowledgement');
  const producer = createProducer(kafka);
  await producer.connect();
  closing.push(said.close, () => producer.disconnect());
  const publish = (
    topic: string,
    values: readonly Buffer[],
    key: string,
    headers: Record<string, string> = {},
  ) => producer.send({ topic, messages: values.map((value) => ({ key, value, headers })) });
  return { said: said.messages, keys: said.keys, publish };
}
