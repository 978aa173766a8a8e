// npm run replay: publishes scans as a beamline would, of files or of the operando experiment.

import { openFlagged } from '../src/bundle/find-model.ts';
import { readFlags } from '../src/cli/parse-flags.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { FatalError } from '../src/common/errors.ts';
import { kafkaClient } from '../src/consumers/kafka-client.ts';
import { reachBroker } from '../src/consumers/reach-broker.ts';
import { scanFilesIn } from '../src/files/scan-files.ts';
import { isReject } from '../src/messages/reject.ts';
import { configHelp, KAFKA_KEYS, readConfig } from '../src/runtime/config.ts';
import { kafkaSettings } from '../src/runtime/kafka-settings.ts';
import { MODEL_SETTINGS, REGISTRY_SETTINGS } from '../src/runtime/processor-settings.ts';
import { createLogger } from '../src/runtime/telemetry.ts';
import { makePrepare } from '../src/spectra/prepare.ts';
import { FILE_FLAGS, type FileReplayOptions, readFileOptions } from './replay/file-options.ts';
import { fileTurns } from './replay/file-turns.ts';
import { operandoRun } from './replay/operando-run.ts';
import { publishFiles } from './replay/publish-files.ts';
import { publishRun } from './replay/publish-run.ts';
import { REPLAY_FLAGS, type ReplayOptions, readReplayOptions } from './replay/replay-options.ts';
import { newRunId } from './replay/run-id.ts';

const USAGE = `npm run replay -- FILE_OR_FOLDER... FLAGS: publishes the scans of files, of every format that npm run
predict reads (docs/files.md), into the scans topic.

${FILE_FLAGS}

npm run replay -- FLAGS: publishes an operando experiment on Li_xCoO2.

${REPLAY_FLAGS}`;

const args = process.argv.slice(2);
if (args.includes('--help')) {
  console.log(
    configHelp(USAGE, [...KAFKA_KEYS, 'TOPIC_SCANS', 'TOPIC_RUNS', ...MODEL_SETTINGS, ...REGISTRY_SETTINGS]),
  );
} else {
  const files = readFlags(() => readFileOptions(args));
  if (files !== null) await runCommand(() => replayFiles(files));
  else {
    const options = readFlags(() => readReplayOptions(args));
    await runCommand(() => replayExperiment(options));
  }
}

async function replayFiles(options: FileReplayOptions): Promise<void> {
  const { paths, seed, live } = options;
  const named = scanFilesIn(paths);
  const { manifest } = await openFlagged(options.model, readConfig(process.env));
  const prepare = makePrepare(manifest);
  const { kafka, topic, runsTopic, signal } = await connect();
  for await (const { scans, chance } of fileTurns(named, options, signal)) {
    const runId = newRunId(seed);
    const published = await publishFiles({
      ...options,
      ...{ kafka, topic, runsTopic, signal, runId, scans, chance, origin: live ? 'LIVE' : 'REPLAY' },
      isReadable: (scan) => !isReject(prepare(scan)),
      onRefused: (sentence) => console.error(sentence),
    });
    console.log(`${runId}: ${published} scans published`);
    if (published === 0 && !signal.aborted)
      throw new FatalError(`Expected at least one scan in ${named.length} files, got none`);
  }
}

async function replayExperiment(options: ReplayOptions): Promise<void> {
  const { kafka, topic, runsTopic, signal } = await connect();
  const run = operandoRun(options);
  do {
    const runId = newRunId(options.seed);
    let published = 0;
    await publishRun({
      ...{ ...options, kafka, topic, runsTopic, run, runId, signal },
      onPublished: () => published++,
    });
    console.log(`${runId}: ${published} scans published`);
  } while (!options.once && !signal.aborted);
}

async function connect() {
  const config = readConfig(process.env);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop.abort());
  const settings = kafkaSettings(config, createLogger('replay', 'warn'));
  await reachBroker(settings, [config.TOPIC_SCANS, config.TOPIC_RUNS], { withinMs: 5000 });
  const { TOPIC_SCANS: topic, TOPIC_RUNS: runsTopic } = config;
  return { kafka: kafkaClient(settings), topic, runsTopic, signal: stop.signal };
}
