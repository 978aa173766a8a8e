// npm run changes: finds when a sample changes. Any number of them share the partitions of the descriptors topic.

import { parseFlags } from '../cli/parse-flags.ts';
import { runConfigured } from '../runtime/run-service.ts';

const USAGE = `npm run changes: reads descriptor events and publishes when a sample changes, as a step, a drift, its end
or a return, in its mean oxidation state or its spectrum, exactly once (docs/changes.md). Any number of them share the
partitions. Stops in order on SIGTERM or SIGINT; exits with 1 on a fatal error.`;

const { values: flags } = parseFlags({ options: { help: { type: 'boolean' } } });
if (flags.help) {
  const { configHelp, KAFKA_KEYS } = await import('../runtime/config.ts');
  console.log(
    configHelp(USAGE, [
      ...KAFKA_KEYS,
      ...(['KAFKA_GROUP', 'KAFKA_SESSION_TIMEOUT_MS', 'KAFKA_FETCH_BYTES'] as const),
      ...(['TOPIC_DESCRIPTORS', 'TOPIC_CHANGES', 'TOPIC_SAMPLE_WATCHES'] as const),
      ...(['CHANGE_LEAST_STATE', 'CHANGE_LEAST_SPECTRUM'] as const),
      ...(['HOST', 'PORT', 'LOG_LEVEL'] as const),
    ]),
  );
} else {
  await runConfigured('changes', async () => (await import('../services/changes.ts')).changes);
}
