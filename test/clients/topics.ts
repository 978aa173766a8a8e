import { randomUUID } from 'node:crypto';
import { quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { createRequestTopics, createTopics } from '../../src/producers/create-topics.ts';

/** Topics of its own for a test of the client packages, named as these take them. */
export async function clientTopics(brokers: readonly string[]) {
  const id = randomUUID().slice(0, 8);
  const topics = {
    scans: `scans-${id}`,
    descriptors: `descriptors-${id}`,
    deadLetters: `dead-letters-${id}`,
    runs: `runs-${id}`,
    requests: `requests-${id}`,
    acknowledgements: `acknowledgements-${id}`,
    changes: `changes-${id}`,
    accumulations: `accumulations-${id}`,
  };
  const kafka = quietKafkaClient(brokers);
  const { requests, acknowledgements, ...plain } = topics;
  await createTopics(kafka, Object.values(plain), 2);
  await createRequestTopics(kafka, { TOPIC_REQUESTS: requests, TOPIC_ACKNOWLEDGEMENTS: acknowledgements }, 2);
  return { id, topics };
}
