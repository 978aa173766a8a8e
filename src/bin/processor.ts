// npm start: one processor. Any number may run side by side; the consumer group shares the partitions out.

import { parseFlags } from '../cli/parse-flags.ts';
import { runService } from '../run-service.ts';

const USAGE = `npm start: reads scans from Kafka, writes descriptors with verdicts back, exactly once.
Stops in order on SIGTERM or SIGINT; exits with 1 on a fatal error.`;

const { values: flags } = parseFlags({ options: { help: { type: 'boolean' } } });
if (flags.help) {
  const { configHelp, KAFKA_KEYS } = await import('../config.ts');
  console.log(
    configHelp(USAGE, [
      ...KAFKA_KEYS,
      ...(['KAFKA_GROUP', 'KAFKA_SESSION_TIMEOUT_MS', 'KAFKA_FETCH_BYTES'] as const),
      ...(['TOPIC_SCANS', 'TOPIC_DESCRIPTORS', 'TOPIC_DEAD_LETTERS'] as const),
      ...(['TOPIC_STANDARDS', 'TOPIC_RUN_REFERENCES', 'MODEL_DIR', 'MODEL_ENGINE'] as const),
      ...(['SCHEMA_REGISTRY_URL', 'SCHEMA_REGISTRY_USERNAME', 'SCHEMA_REGISTRY_PASSWORD'] as const),
      ...(['SCHEMA_REGISTRY_WAIT_MS', 'SCHEMA_REGISTRY_WRITE'] as const),
      ...(['WORKERS', 'BATCH_MAX_SIZE', 'BATCH_MAX_WAIT_MS', 'HOST', 'PORT', 'LOG_LEVEL'] as const),
    ]),
  );
} else {
  // Loaded only when signals are heard: Kafka's client and the model's engine take a second.
  await runService('processor', async (fatal) => {
    const { readConfig } = await import('../config.ts');
    const config = readConfig(process.env);
    const [{ processor }, { systemClock }] = await Promise.all([
      import('../processor.ts'),
      import('../clock.ts'),
    ]);
    return processor(config, systemClock, fatal);
  });
}
