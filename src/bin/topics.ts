// npm run topics: creates those of the topics that are missing.

import { parseFlags } from '../cli/parse-flags.ts';
import { runCommand } from '../cli/run-command.ts';
import { kafkaClient } from '../consumers/kafka-client.ts';
import { reachBroker } from '../consumers/reach-broker.ts';
import {
  createAnnotationsTopic,
  createFlowTopics,
  createJobTopics,
  createRequestTopics,
} from '../producers/create-topics.ts';
import { type Config, configHelp, KAFKA_KEYS, readConfig } from '../runtime/config.ts';
import { kafkaSettings } from '../runtime/kafka-settings.ts';
import { shadowConfig } from '../runtime/shadow-config.ts';
import { createLogger } from '../runtime/telemetry.ts';

const USAGE = `npm run topics: creates the topics that are missing.

  --shadow   those of npm run shadow, beside the live ones
  --help`;

const { values: flags } = parseFlags({
  options: { shadow: { type: 'boolean', default: false }, help: { type: 'boolean' } },
});
if (flags.help) {
  const keys = [
    ...KAFKA_KEYS,
    'TOPIC_SCANS',
    'TOPIC_DESCRIPTORS',
    'TOPIC_DEAD_LETTERS',
    'TOPIC_STANDARDS',
    'TOPIC_RUN_REFERENCES',
    'TOPIC_RUNS',
    'TOPIC_ANNOTATIONS',
    'TOPIC_REQUESTS',
    'TOPIC_ACKNOWLEDGEMENTS',
    'TOPIC_CHANGES',
    'TOPIC_SAMPLE_WATCHES',
    'TOPIC_ACCUMULATIONS',
    'TOPIC_ACCUMULATION_STATES',
    'TOPIC_PARTITIONS',
    'SHADOW',
  ] as const;
  console.log(configHelp(USAGE, keys));
} else await runCommand(createMissing);

async function createMissing(): Promise<void> {
  const live = readConfig(process.env);
  const config = flags.shadow ? shadowConfig(live) : live;
  const names = [
    ...[config.TOPIC_SCANS, config.TOPIC_DESCRIPTORS, config.TOPIC_DEAD_LETTERS],
    ...[config.TOPIC_STANDARDS, config.TOPIC_RUN_REFERENCES, config.TOPIC_RUNS, config.TOPIC_ANNOTATIONS],
    ...[config.TOPIC_REQUESTS, config.TOPIC_ACKNOWLEDGEMENTS],
    ...(flags.shadow ? [] : jobTopics(live)),
  ];
  const settings = kafkaSettings(config, createLogger('topics', 'warn'));
  await reachBroker(settings, [], { withinMs: 5000 });
  const kafka = kafkaClient(settings);
  const created = [
    ...(await createFlowTopics(kafka, config, config.TOPIC_PARTITIONS)),
    ...(await createRequestTopics(kafka, config, config.TOPIC_PARTITIONS)),
    ...(await createAnnotationsTopic(kafka, config, config.TOPIC_PARTITIONS)),
    ...(flags.shadow ? [] : await createJobTopics(kafka, config)),
  ];
  for (const name of names) console.log(`${name}: ${created.includes(name) ? 'created' : 'was there'}`);
}

function jobTopics(config: Config): readonly string[] {
  const { TOPIC_CHANGES, TOPIC_SAMPLE_WATCHES, TOPIC_ACCUMULATIONS, TOPIC_ACCUMULATION_STATES } = config;
  return [TOPIC_CHANGES, TOPIC_SAMPLE_WATCHES, TOPIC_ACCUMULATIONS, TOPIC_ACCUMULATION_STATES];
}
