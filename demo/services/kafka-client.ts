import { Kafka, logLevel, type Producer, type ProducerConfig, type RetryOptions } from 'kafkajs';
import { javaPartitioner } from '../../src/producers/partition-of.ts';

/** kafkajs as scripts and tests use it: quiet, and patient with a broker that is still starting. */
export const quietKafkaClient = (brokers: readonly string[], retry: RetryOptions = {}): Kafka =>
  new Kafka({
    clientId: 'xanes-scripts',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 1000, retries: 20, ...retry },
  });

export const createProducer = (kafka: Kafka, options: ProducerConfig = {}): Producer =>
  kafka.producer({ createPartitioner: javaPartitioner, ...options });
