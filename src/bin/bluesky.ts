// npm run bluesky: Bluesky documents become scans. One works, others are spares.

import { parseFlags } from '../cli/parse-flags.ts';
import { runService } from '../run-service.ts';

const USAGE = `npm run bluesky: reads Bluesky documents (start, descriptor, event, event_page, stop) from Kafka, as
bluesky-kafka writes them, and publishes them as scans, exactly once, by the mapping that BLUESKY_MAPPING names
(docs/bluesky.md). One process works, others that run beside it are spares. Stops in order on SIGTERM or SIGINT; exits
with 1 on a fatal error.`;

const { values: flags } = parseFlags({ options: { help: { type: 'boolean' } } });
if (flags.help) {
  const { configHelp } = await import('../config.ts');
  console.log(
    configHelp(USAGE, [
      ...(['KAFKA_BROKERS', 'KAFKA_GROUP', 'KAFKA_CLIENT_ID', 'KAFKA_TLS', 'KAFKA_TLS_CA'] as const),
      ...(['KAFKA_TLS_CERT', 'KAFKA_TLS_KEY'] as const),
      ...(['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const),
      ...(['KAFKA_SESSION_TIMEOUT_MS', 'KAFKA_FETCH_BYTES'] as const),
      ...(['TOPIC_BLUESKY', 'BLUESKY_MAPPING', 'TOPIC_SCANS', 'TOPIC_DEAD_LETTERS'] as const),
      ...(['HOST', 'PORT', 'LOG_LEVEL'] as const),
    ]),
  );
} else {
  // Loaded only when signals are heard: Kafka's client takes a second.
  await runService('bluesky', async (fatal) => {
    const { readConfig } = await import('../config.ts');
    const config = readConfig(process.env);
    const [{ bluesky }, { systemClock }] = await Promise.all([
      import('../bluesky.ts'),
      import('../clock.ts'),
    ]);
    return bluesky(config, systemClock, fatal);
  });
}
