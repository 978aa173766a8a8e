import {
  Kafka,
  logLevel,
  Partitioners,
  type Producer,
  type ProducerConfig,
  type RetryOptions,
} from 'kafkajs';

/** kafkajs as scripts and tests use it: quiet, and patient with a broker that is still starting. */
export const quietKafkaClient = (brokers: readonly string[], retry: RetryOptions = {}): Kafka =>
  new Kafka({
    clientId: 'xanes-scripts',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 1000, retries: 20, ...retry },
  });

export const createProducer = (kafka: Kafka, options: ProducerConfig = {}): Producer =>
  kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, ...options });
