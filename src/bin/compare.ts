// npm run compare: where two sets of answers to the same scans differ.

import { parseFlags, readFlags } from '../cli/parse-flags.ts';
import { runCommand } from '../cli/run-command.ts';
import { systemClock } from '../common/clock.ts';
import { compareAnswers } from '../comparison/compare-answers.ts';
import { kafkaClient } from '../consumers/kafka-client.ts';
import { partitionFetcher } from '../consumers/partition-fetcher.ts';
import { reachBroker } from '../consumers/reach-broker.ts';
import { comparisonText } from '../files/comparison-text.ts';
import { readAnswers } from '../flows/read-answers.ts';
import { configHelp, KAFKA_KEYS, readConfig } from '../runtime/config.ts';
import { kafkaSettings } from '../runtime/kafka-settings.ts';
import { shadowConfig } from '../runtime/shadow-config.ts';
import { createLogger } from '../runtime/telemetry.ts';

const USAGE = `npm run compare: reads what was said of the same scans in the live topics and in two others, up to now,
and says where it differs: of each value in how many scans, by how much, which verdicts changed, with examples. What
matters most comes first: accepted by both, with values that differ.

  npm run -s compare -- [options]

  --descriptors TOPIC    of the other side (default: that of npm run shadow)
  --dead-letters TOPIC   of the other side (default: that of npm run shadow)
  --name NAME            what the other side is called (default: SHADOW)
  --examples N           of each value (default: 3)
  --json                 one JSON object
  --help`;

const { values: flags } = parseFlags({
  options: {
    descriptors: { type: 'string' },
    'dead-letters': { type: 'string' },
    name: { type: 'string' },
    examples: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const examples = readFlags(() => {
  if (!/^\d{1,4}$/.test(flags.examples))
    throw new Error(`Expected --examples to be an integer from 0 to 9999, got ${flags.examples}`);
  return Number(flags.examples);
});

if (flags.help) {
  const topics = ['TOPIC_DESCRIPTORS', 'TOPIC_DEAD_LETTERS', 'SHADOW'] as const;
  console.log(configHelp(USAGE, [...KAFKA_KEYS, ...topics]));
} else await runCommand(compare);

async function compare(): Promise<void> {
  const live = readConfig(process.env);
  const shadow = shadowConfig(live);
  const other = {
    TOPIC_DESCRIPTORS: flags.descriptors ?? shadow.TOPIC_DESCRIPTORS,
    TOPIC_DEAD_LETTERS: flags['dead-letters'] ?? shadow.TOPIC_DEAD_LETTERS,
  };
  const settings = kafkaSettings(live, createLogger('compare', 'fatal'));
  const topics = [live, other].flatMap((of) => [of.TOPIC_DESCRIPTORS, of.TOPIC_DEAD_LETTERS]);
  await reachBroker(settings, topics, { withinMs: 5000 });
  const both = compareAnswers(examples);
  const { nowMs, sleep } = systemClock;
  async function read(side: 'first' | 'second', of: typeof other): Promise<void> {
    const fetcher = partitionFetcher(kafkaClient(settings), nowMs);
    try {
      await readAnswers({
        ...{ fetcher, nowMs, sleep, onAnswer: (answer) => both.add(side, answer) },
        ...{ descriptorsTopic: of.TOPIC_DESCRIPTORS, deadLettersTopic: of.TOPIC_DEAD_LETTERS },
      });
    } finally {
      await fetcher.close();
    }
  }
  await Promise.all([read('first', live), read('second', other)]);
  const report = both.report();
  const names = ['live', flags.name ?? live.SHADOW] as const;
  console.log(flags.json ? JSON.stringify(report) : comparisonText(report, names));
}
