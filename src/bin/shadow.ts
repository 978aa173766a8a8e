// npm run shadow: a processor that judges the same scans beside the live one, into topics of its own.

import { parseFlags } from '../cli/parse-flags.ts';
import { runService } from '../runtime/run-service.ts';

const USAGE = `npm run shadow: judges the scans that the live processors judge, with another model, and writes into
topics of its own, exactly once: group and topics are those of the live ones with .SHADOW behind them (npm run topics
-- --shadow creates them). Nothing of the live flow is touched; npm run compare says where the two differ.
Stops in order on SIGTERM or SIGINT; exits with 1 on a fatal error.`;

const { values: flags } = parseFlags({ options: { help: { type: 'boolean' } } });
if (flags.help) {
  const { configHelp } = await import('../runtime/config.ts');
  const { PROCESSOR_SETTINGS } = await import('../runtime/processor-settings.ts');
  console.log(configHelp(USAGE, ['SHADOW', ...PROCESSOR_SETTINGS]));
} else {
  // Loaded only when signals are heard: Kafka's client and the model's engine take a second.
  await runService('shadow', async (runner) => {
    const { readConfig } = await import('../runtime/config.ts');
    const config = readConfig(process.env);
    const [{ processor }, { shadowConfig }, { systemClock }] = await Promise.all([
      import('../services/processor.ts'),
      import('../runtime/shadow-config.ts'),
      import('../common/clock.ts'),
    ]);
    return processor(shadowConfig(config), systemClock, runner);
  });
}
