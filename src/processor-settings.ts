import { type Config, KAFKA_KEYS } from './config.ts';

/** The settings that a processor reads, live or shadow. */
export const PROCESSOR_SETTINGS: readonly (keyof Config)[] = [
  ...KAFKA_KEYS,
  ...(['KAFKA_GROUP', 'KAFKA_SESSION_TIMEOUT_MS', 'KAFKA_FETCH_BYTES'] as const),
  ...(['TOPIC_SCANS', 'TOPIC_DESCRIPTORS', 'TOPIC_DEAD_LETTERS'] as const),
  ...(['TOPIC_STANDARDS', 'TOPIC_RUN_REFERENCES'] as const),
  ...(['MODEL_DIR', 'MODEL', 'MODEL_FILE', 'MODEL_REGISTRY', 'MODEL_CACHE', 'MODEL_ENGINE'] as const),
  ...(['SCHEMA_REGISTRY_URL', 'SCHEMA_REGISTRY_USERNAME', 'SCHEMA_REGISTRY_PASSWORD'] as const),
  ...(['SCHEMA_REGISTRY_WAIT_MS', 'SCHEMA_REGISTRY_WRITE'] as const),
  ...(['WORKERS', 'BATCH_MAX_SIZE', 'BATCH_MAX_WAIT_MS', 'HOST', 'PORT', 'LOG_LEVEL'] as const),
];
