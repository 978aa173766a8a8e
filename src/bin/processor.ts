// npm start: one processor. Any number may run side by side; the consumer group shares the partitions out.

import { parseFlags } from '../cli/parse-flags.ts';
import { runConfigured } from '../runtime/run-service.ts';

const USAGE = `npm start: reads scans from Kafka, writes descriptors with verdicts back, exactly once.
Stops in order on SIGTERM or SIGINT; exits with 1 on a fatal error.`;

const { values: flags } = parseFlags({ options: { help: { type: 'boolean' } } });
if (flags.help) {
  const { configHelp } = await import('../runtime/config.ts');
  const { PROCESSOR_SETTINGS } = await import('../runtime/processor-settings.ts');
  console.log(configHelp(USAGE, PROCESSOR_SETTINGS));
} else {
  await runConfigured('processor', async () => (await import('../services/processor.ts')).processor);
}
