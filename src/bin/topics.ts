// npm run topics: creates those of the three topics that are missing.

import { runCommand } from '../cli/run-command.ts';
import { configHelp, readConfig } from '../config.ts';
import { kafkaClient } from '../consumers/kafka-client.ts';
import { kafkaSettings } from '../kafka-settings.ts';
import { createFlowTopics } from '../producers/create-topics.ts';
import { createLogger } from '../telemetry.ts';

const USAGE = 'npm run topics: creates the topics that are missing.';

if (process.argv.includes('--help')) {
  const keys = [
    'KAFKA_BROKERS',
    'TOPIC_SCANS',
    'TOPIC_DESCRIPTORS',
    'TOPIC_DEAD_LETTERS',
    'TOPIC_PARTITIONS',
  ] as const;
  console.log(configHelp(USAGE, keys));
} else await runCommand(createMissing);

async function createMissing(): Promise<void> {
  const config = readConfig(process.env);
  const names = [config.TOPIC_SCANS, config.TOPIC_DESCRIPTORS, config.TOPIC_DEAD_LETTERS];
  const kafka = kafkaClient(kafkaSettings(config, createLogger('topics', 'warn')));
  const created = await createFlowTopics(kafka, config, config.TOPIC_PARTITIONS);
  for (const name of names) console.log(`${name}: ${created.includes(name) ? 'created' : 'was there'}`);
}
