// npm run replay: publishes the operando experiment as a beamline would.

import { readFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { configHelp, KAFKA_KEYS, readConfig } from '../src/config.ts';
import { kafkaClient } from '../src/consumers/kafka-client.ts';
import { reachBroker } from '../src/consumers/reach-broker.ts';
import { kafkaSettings } from '../src/kafka-settings.ts';
import { createLogger } from '../src/telemetry.ts';
import { operandoRun } from './replay/operando-run.ts';
import { publishRun } from './replay/publish-run.ts';
import { REPLAY_FLAGS, readReplayOptions } from './replay/replay-options.ts';
import { newRunId } from './replay/run-id.ts';

const USAGE = `npm run replay -- FLAGS: publishes an operando experiment on Li_xCoO2 into the scans topic.

${REPLAY_FLAGS}`;

const options = readFlags(() => readReplayOptions(process.argv.slice(2)));
if (options.help) {
  console.log(configHelp(USAGE, [...KAFKA_KEYS, 'TOPIC_SCANS']));
} else await runCommand(replay);

async function replay(): Promise<void> {
  const config = readConfig(process.env);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop.abort());
  const settings = kafkaSettings(config, createLogger('replay', 'warn'));
  await reachBroker(settings, [config.TOPIC_SCANS], { withinMs: 5000 });
  const kafka = kafkaClient(settings);
  const run = operandoRun(options);
  do {
    const runId = newRunId(options.seed);
    let published = 0;
    await publishRun({
      ...options,
      kafka,
      topic: config.TOPIC_SCANS,
      run,
      runId,
      signal: stop.signal,
      onPublished: () => published++,
    });
    console.log(`${runId}: ${published} scans published`);
  } while (!options.once && !stop.signal.aborted);
}
