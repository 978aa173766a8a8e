import { openFlagged } from '../bundle/find-model.ts';
import { parseFlags, readFlags } from '../cli/parse-flags.ts';
import { runCommand } from '../cli/run-command.ts';
import { SELECTION_FLAGS, SELECTION_HELP, selectionOf } from '../cli/selection-flags.ts';
import { showProgress } from '../cli/show-progress.ts';
import { systemClock } from '../common/clock.ts';
import { FatalError } from '../common/errors.ts';
import { configHelp, KAFKA_KEYS, readConfig } from '../runtime/config.ts';
import {
  MODEL_SETTINGS,
  REGISTRY_SETTINGS,
  SCHEMA_REGISTRY_SETTINGS,
} from '../runtime/processor-settings.ts';
import { type ReprocessOptions, reprocess } from '../services/reprocess.ts';

const USAGE = `Judges past scans again, with another model, into a topic of its own beside the live one
(docs/operate.md).

  npm run reprocess -- --to TOPIC --model MODEL [--run R] [options]

  --to TOPIC        of the new events; TOPIC.dead-letters and TOPIC.run-references go with it. What is missing is
                    created. Never a live topic
  --model MODEL     name@hash of MODEL_REGISTRY, a folder under models/, or any other (default: the live one)

Which scans; without any of these all that the topic has:
${SELECTION_HELP}
  --offsets P:FROM-UNTIL
                    of partition P, from an offset up to, not including, another; may be repeated. P:FROM- has no end
  --help

Exactly once: a call that was cut off goes on where it was, by the same options. LOG_LEVEL is error here by default.`;

const { values: flags } = parseFlags({
  options: {
    ...SELECTION_FLAGS,
    to: { type: 'string' },
    model: { type: 'string' },
    offsets: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
});

if (flags.help)
  console.log(
    configHelp(USAGE, [
      ...[...KAFKA_KEYS, 'KAFKA_GROUP' as const],
      ...(['TOPIC_SCANS', 'TOPIC_STANDARDS', 'TOPIC_DESCRIPTORS', 'TOPIC_PARTITIONS'] as const),
      ...MODEL_SETTINGS,
      ...(['MODEL_ENGINE', 'LEAST_TRUST'] as const),
      ...REGISTRY_SETTINGS,
      ...SCHEMA_REGISTRY_SETTINGS,
      ...(['SCHEMA_REGISTRY_WAIT_MS', 'SCHEMA_REGISTRY_WRITE'] as const),
      ...(['WORKERS', 'BATCH_MAX_SIZE', 'BATCH_MAX_WAIT_MS', 'LOG_LEVEL'] as const),
    ]),
  );
else {
  const wanted = readFlags(() => {
    if (flags.to === undefined || flags.to === '') throw new Error('Expected --to to name a topic, got none');
    return { to: flags.to, selection: selectionOf(flags), offsets: flags.offsets.map(rangeOf) };
  });
  await runCommand(() => judgeAgain(wanted));
  if (process.exitCode === 1) process.exit(); // of a start that failed halfway something may still be open
}

function rangeOf(text: string): ReprocessOptions['offsets'][number] {
  const [, partition, from, until = ''] = /^(\d+):(\d+)-(\d*)$/.exec(text) ?? [];
  if (partition === undefined || from === undefined)
    throw new Error(`Expected --offsets to be like 0:100-200, got ${text}`);
  const range = {
    partition: Number(partition),
    from: BigInt(from),
    until: until === '' ? null : BigInt(until),
  };
  if (range.until !== null && range.until <= range.from)
    throw new Error(`Expected --offsets to end behind where they begin, got ${text}`);
  return range;
}

async function judgeAgain(wanted: Pick<ReprocessOptions, 'to' | 'selection' | 'offsets'>): Promise<void> {
  const config = readConfig(process.env, { LOG_LEVEL: 'error' });
  const { directory: modelDir, hash: modelHash } = await openFlagged(flags.model, config);
  const progress = showProgress();
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => stop.abort(new FatalError('Stopped; the same call goes on from here')));
  const onProgress: ReprocessOptions['onProgress'] = ({ done, all }) =>
    progress.at(() => `${done} of ${all} records`);
  try {
    const made = await reprocess(
      config,
      systemClock,
      { ...wanted, modelDir, modelHash, onProgress },
      stop.signal,
    );
    progress.end();
    console.log(
      `${made.descriptors} events and ${made.deadLetters} dead letters by ${modelHash.slice(0, 12)} in ${wanted.to}`,
    );
  } finally {
    progress.end();
  }
}
