// npm run bluesky: Bluesky documents become scans. One works, others are spares.

import { parseFlags } from '../cli/parse-flags.ts';
import { runConfigured } from '../runtime/run-service.ts';

const USAGE = `npm run bluesky: reads Bluesky documents (start, descriptor, event, event_page, stop) from Kafka, as
bluesky-kafka writes them, and publishes them as scans, exactly once, by the mapping that BLUESKY_MAPPING names
(docs/bluesky.md). One process works, others that run beside it are spares. Stops in order on SIGTERM or SIGINT; exits
with 1 on a fatal error.`;

const { values: flags } = parseFlags({ options: { help: { type: 'boolean' } } });
if (flags.help) {
  const { configHelp, KAFKA_KEYS } = await import('../runtime/config.ts');
  const { MODEL_SETTINGS, REGISTRY_SETTINGS, SCHEMA_REGISTRY_SETTINGS } = await import(
    '../runtime/processor-settings.ts'
  );
  console.log(
    configHelp(USAGE, [
      ...KAFKA_KEYS,
      ...(['KAFKA_GROUP', 'KAFKA_SESSION_TIMEOUT_MS', 'KAFKA_FETCH_BYTES'] as const),
      ...(['TOPIC_BLUESKY', 'BLUESKY_MAPPING', 'TOPIC_SCANS', 'TOPIC_DEAD_LETTERS', 'TOPIC_RUNS'] as const),
      ...SCHEMA_REGISTRY_SETTINGS,
      'SCHEMA_REGISTRY_WRITE' as const,
      ...MODEL_SETTINGS,
      ...REGISTRY_SETTINGS,
      ...(['HOST', 'PORT', 'LOG_LEVEL'] as const),
    ]),
  );
} else {
  await runConfigured('bluesky', async () => (await import('../services/bluesky.ts')).bluesky);
}
