import { randomUUID } from 'node:crypto';
import getPort from 'get-port';
import type { Kafka, Message } from 'kafkajs';
import { createProducer, quietKafkaClient } from '../demo/services/kafka-client.ts';
import { type RunningProcess, startProcess } from '../demo/services/start-process.ts';
import { createFlowTopics } from '../src/producers/create-topics.ts';
import { programOf, type Subject } from './subjects.ts';

export type BenchTopic = {
  readonly brokers: readonly string[];
  readonly scansTopic: string;
  readonly partitions: number;
  publish(messages: readonly Message[]): Promise<void>;
  /** Starts a subject on the topic, with outputs, a group and a reader of its own. */
  start(
    subject: Subject,
    env: Readonly<Record<string, string>>,
    nodeArgs: readonly string[],
  ): Promise<BenchRun>;
  close(): Promise<void>;
};

export type BenchRun = {
  readonly child: RunningProcess;
  /** Where the processor serves its metrics. */
  readonly url: string;
  /** Key of a record -> when a read_committed reader had its result, ms. */
  readonly arrivals: ReadonlyMap<string, number>;
  close(): Promise<void>;
};

/** A topic takes a million by default, and all scans of a request may be of one partition. */
const REQUEST_BYTES = 800_000;

/** A topic of scans that several subjects read one after the other. */
export async function benchTopic(
  kafka: Kafka,
  brokers: readonly string[],
  partitions: number,
): Promise<BenchTopic> {
  const scansTopic = `bench-scans-${randomUUID().slice(0, 8)}`;
  const producer = createProducer(kafka);
  await producer.connect();
  await createFlowTopics(quietKafkaClient(brokers), topicsOf(scansTopic, 'none'), partitions);

  return {
    brokers,
    scansTopic,
    partitions,
    async publish(messages) {
      const length = Math.max(1, Math.floor(REQUEST_BYTES / (messages[0]?.value?.length ?? 1)));
      for (let from = 0; from < messages.length; from += length)
        await producer.send({ topic: scansTopic, messages: messages.slice(from, from + length) });
    },
    async start(subject, env, nodeArgs) {
      const id = randomUUID().slice(0, 8);
      const topics = topicsOf(scansTopic, id);
      await createFlowTopics(quietKafkaClient(brokers), topics, partitions);
      const reader = kafka.consumer({ groupId: `bench-reader-${id}` });
      const arrivals = new Map<string, number>();
      await reader.connect();
      await reader.subscribe({
        topics: [topics.TOPIC_DESCRIPTORS, topics.TOPIC_DEAD_LETTERS],
        fromBeginning: true,
      });
      await reader.run({
        partitionsConsumedConcurrently: 16,
        eachBatch: async ({ batch }) => {
          const now = performance.now();
          if (batch.topic === topics.TOPIC_DEAD_LETTERS && batch.messages.length > 0)
            throw new Error('Expected no dead letters in a benchmark');
          for (const { key } of batch.messages) arrivals.set(String(key), now);
        },
      });
      const port = await getPort({ host: '127.0.0.1' });
      const program = await programOf(subject, nodeArgs);
      const child = await startProcess(subject, {
        ...program,
        env: {
          ...{ KAFKA_BROKERS: brokers.join(','), KAFKA_GROUP: `bench-${id}`, PORT: String(port) },
          ...topics,
          ...program.env,
          ...env,
        },
        ready: /"msg":"processing"/,
      });
      return {
        child,
        url: `http://127.0.0.1:${port}`,
        arrivals,
        async close() {
          await child.stop();
          await reader.disconnect();
        },
      };
    },
    close: () => producer.disconnect(),
  };
}

/** Outputs of their own for `id`, beside a topic of scans. */
export const topicsOf = (scansTopic: string, id: string) => ({
  TOPIC_SCANS: scansTopic,
  TOPIC_DESCRIPTORS: `${scansTopic}-descriptors-${id}`,
  TOPIC_DEAD_LETTERS: `${scansTopic}-dead-letters-${id}`,
  TOPIC_STANDARDS: `${scansTopic}-standards-${id}`,
  TOPIC_RUN_REFERENCES: `${scansTopic}-run-references-${id}`,
  TOPIC_RUNS: `${scansTopic}-runs-${id}`,
});
