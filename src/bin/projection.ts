// npm run projection: the projection of the committed topics into Redis. Any number may run side by side.

import { parseFlags } from '../cli/parse-flags.ts';
import { runConfigured } from '../runtime/run-service.ts';

const USAGE = `npm run projection: keeps Redis a projection of what was committed (descriptors, dead letters, starts and
ends of runs, changes, annotations, requests, acknowledgements, accumulations) for the dashboard. Redis holds the
positions too: after FLUSHALL the projection notices within a second or two and rebuilds it from the topics.`;

const { values: flags } = parseFlags({ options: { help: { type: 'boolean' } } });
if (flags.help) {
  const { configHelp, KAFKA_KEYS } = await import('../runtime/config.ts');
  console.log(
    configHelp(USAGE, [
      ...[...KAFKA_KEYS, 'KAFKA_GROUP' as const],
      ...(['TOPIC_SCANS', 'TOPIC_DESCRIPTORS', 'TOPIC_DEAD_LETTERS', 'TOPIC_RUNS'] as const),
      ...(['TOPIC_CHANGES', 'TOPIC_ANNOTATIONS', 'TOPIC_REQUESTS', 'TOPIC_ACKNOWLEDGEMENTS'] as const),
      ...(['TOPIC_ACCUMULATIONS', 'REDIS_URL', 'REDIS_PREFIX'] as const),
      ...(['REDIS_USERNAME', 'REDIS_PASSWORD', 'REDIS_TLS_CA', 'REDIS_TLS_CERT', 'REDIS_TLS_KEY'] as const),
      ...(['HOST', 'PORT', 'LOG_LEVEL'] as const),
    ]),
  );
} else {
  await runConfigured('projection', async () => (await import('../services/projection.ts')).projection);
}
