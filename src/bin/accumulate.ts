// npm run accumulate: averages repeats until the gate accepts. Any number of them share the partitions.

import { parseFlags } from '../cli/parse-flags.ts';
import { runConfigured } from '../runtime/run-service.ts';

const USAGE = `npm run accumulate: averages repeats of a sample, weighted by their noise, until the gate accepts their
mean or so many are averaged as may be, and publishes each mean as a scan, exactly once (docs/accumulate.md). Any number
of them share the partitions. Stops in order on SIGTERM or SIGINT; exits with 1 on a fatal error.`;

const { values: flags } = parseFlags({ options: { help: { type: 'boolean' } } });
if (flags.help) {
  const { configHelp, KAFKA_KEYS } = await import('../runtime/config.ts');
  const { SCHEMA_REGISTRY_SETTINGS } = await import('../runtime/processor-settings.ts');
  console.log(
    configHelp(USAGE, [
      ...KAFKA_KEYS,
      ...(['KAFKA_GROUP', 'KAFKA_SESSION_TIMEOUT_MS', 'KAFKA_FETCH_BYTES'] as const),
      ...(['TOPIC_DESCRIPTORS', 'TOPIC_SCANS', 'TOPIC_ACCUMULATIONS'] as const),
      ...(['TOPIC_ACCUMULATION_STATES', 'ACCUMULATE_MOST'] as const),
      ...(['ACCUMULATE_UNTIL', 'ACCUMULATE_BY'] as const),
      ...SCHEMA_REGISTRY_SETTINGS,
      'SCHEMA_REGISTRY_WAIT_MS' as const,
      ...(['HOST', 'PORT', 'LOG_LEVEL'] as const),
    ]),
  );
} else {
  await runConfigured('accumulate', async () => (await import('../services/accumulate.ts')).accumulate);
}
