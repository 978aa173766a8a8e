import { type Config, KAFKA_KEYS } from './config.ts';

/** Which model is used. */
export const MODEL_SETTINGS = [
  'MODEL_DIR',
  'MODEL',
  'MODEL_FILE',
] as const satisfies readonly (keyof Config)[];

/** Where models come from. */
export const REGISTRY_SETTINGS = [
  ...(['MODEL_REGISTRY', 'MODEL_CACHE', 'AWS_ENDPOINT_URL', 'AWS_REGION'] as const),
  ...(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const),
] as const satisfies readonly (keyof Config)[];

/** Where schemas come from. */
export const SCHEMA_REGISTRY_SETTINGS = [
  'SCHEMA_REGISTRY_URL',
  'SCHEMA_REGISTRY_USERNAME',
  'SCHEMA_REGISTRY_PASSWORD',
] as const satisfies readonly (keyof Config)[];

/** The settings that a processor reads, live or shadow. */
export const PROCESSOR_SETTINGS: readonly (keyof Config)[] = [
  ...KAFKA_KEYS,
  ...(['KAFKA_GROUP', 'KAFKA_SESSION_TIMEOUT_MS', 'KAFKA_FETCH_BYTES'] as const),
  ...(['TOPIC_SCANS', 'TOPIC_DESCRIPTORS', 'TOPIC_DEAD_LETTERS'] as const),
  ...(['TOPIC_STANDARDS', 'TOPIC_RUN_REFERENCES'] as const),
  ...MODEL_SETTINGS,
  ...(['MODEL_ENGINE', 'LEAST_TRUST'] as const),
  ...REGISTRY_SETTINGS,
  ...SCHEMA_REGISTRY_SETTINGS,
  ...(['SCHEMA_REGISTRY_WAIT_MS', 'SCHEMA_REGISTRY_WRITE'] as const),
  ...(['WORKERS', 'BATCH_MAX_SIZE', 'BATCH_MAX_WAIT_MS', 'HOST', 'PORT', 'LOG_LEVEL'] as const),
];
