import type { Config } from './config.ts';

/** The settings that a processor reads, live or shadow. */
export const PROCESSOR_SETTINGS: readonly (keyof Config)[] = [
  ...(['KAFKA_BROKERS', 'KAFKA_GROUP', 'KAFKA_CLIENT_ID', 'KAFKA_TLS', 'KAFKA_TLS_CA'] as const),
  ...(['KAFKA_TLS_CERT', 'KAFKA_TLS_KEY'] as const),
  ...(['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const),
  ...(['KAFKA_SESSION_TIMEOUT_MS', 'KAFKA_FETCH_BYTES'] as const),
  ...(['TOPIC_SCANS', 'TOPIC_DESCRIPTORS', 'TOPIC_DEAD_LETTERS'] as const),
  ...(['TOPIC_STANDARDS', 'TOPIC_RUN_REFERENCES'] as const),
  ...(['MODEL_DIR', 'MODEL', 'MODEL_FILE', 'MODEL_REGISTRY', 'MODEL_CACHE', 'MODEL_ENGINE'] as const),
  ...(['WORKERS', 'BATCH_MAX_SIZE', 'BATCH_MAX_WAIT_MS', 'HOST', 'PORT', 'LOG_LEVEL'] as const),
];
