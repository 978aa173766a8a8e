import type { KafkaSettings } from '../consumers/kafka-client.ts';
import type { Config } from './config.ts';
import type { Logger } from './telemetry.ts';

/** The part of the configuration that says how to reach the broker. */
export const kafkaSettings = (config: Config, logger: Logger): KafkaSettings => ({
  brokers: config.KAFKA_BROKERS,
  clientId: config.KAFKA_CLIENT_ID,
  tls: config.KAFKA_TLS
    ? {
        caFile: config.KAFKA_TLS_CA,
        certFile: config.KAFKA_TLS_CERT,
        keyFile: config.KAFKA_TLS_KEY,
      }
    : undefined,
  sasl: config.KAFKA_SASL_MECHANISM && {
    mechanism: config.KAFKA_SASL_MECHANISM,
    username: config.KAFKA_SASL_USERNAME ?? '',
    password: config.KAFKA_SASL_PASSWORD ?? '',
  },
  log: (level, message, detail) => logger[level](detail, message),
});
