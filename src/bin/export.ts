import { parseFlags, readFlags } from '../cli/parse-flags.ts';
import { runCommand } from '../cli/run-command.ts';
import { SELECTION_FLAGS, SELECTION_HELP, selectionOf } from '../cli/selection-flags.ts';
import { showProgress } from '../cli/show-progress.ts';
import { systemClock } from '../common/clock.ts';
import { FatalError, isFatal } from '../common/errors.ts';
import { brokerRequests } from '../consumers/broker-requests.ts';
import { kafkaClient } from '../consumers/kafka-client.ts';
import { partitionFetcher } from '../consumers/partition-fetcher.ts';
import { reachBroker } from '../consumers/reach-broker.ts';
import { type ExportFolder, exportFolder } from '../exports/export-folder.ts';
import { EXPORT_FORMATS, type ExportFormatName } from '../exports/formats.ts';
import { exportScans } from '../flows/export-flow.ts';
import { recordedScans } from '../flows/recorded-scans.ts';
import type { Selection } from '../flows/selection.ts';
import { registryOf } from '../knowledge/follow-schemas.ts';
import { configHelp, KAFKA_KEYS, readConfig } from '../runtime/config.ts';
import { kafkaSettings } from '../runtime/kafka-settings.ts';
import { SCHEMA_REGISTRY_SETTINGS } from '../runtime/processor-settings.ts';
import { createLogger } from '../runtime/telemetry.ts';

const FORMATS = Object.keys(EXPORT_FORMATS) as readonly ExportFormatName[];

const USAGE = `Writes scans to files, each as it was measured beside what was said of it (docs/export.md).

  npm run export -- --format nexus|csv|xdi|parquet --out FOLDER --run R [options]

Which scans, by one or more of these, or --all:
${SELECTION_HELP}
  --all             every scan of which something was said

  --format F        nexus: NXxas, a stack for each run and sample. xdi: a file for each scan. csv: a table, without
                    spectra. parquet: the same table, with spectra
  --out FOLDER      is made; a later call with the same options adds what came since, and goes on after a kill
  --help`;

const { values: flags } = parseFlags({
  options: {
    ...SELECTION_FLAGS,
    all: { type: 'boolean', default: false },
    format: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (flags.help)
  console.log(
    configHelp(USAGE, [
      ...KAFKA_KEYS,
      ...(['TOPIC_DESCRIPTORS', 'TOPIC_DEAD_LETTERS'] as const),
      ...SCHEMA_REGISTRY_SETTINGS,
      'SCHEMA_REGISTRY_WAIT_MS' as const,
    ]),
  );
else {
  const wanted = readFlags(() => {
    const { out, format } = flags;
    const name = FORMATS.find((each) => each === format);
    if (name === undefined)
      throw new Error(`Expected --format to be ${FORMATS.join(', ')}, got ${format ?? 'none'}`);
    if (out === undefined || out === '') throw new Error('Expected --out to name a folder, got none');
    const selection = selectionOf(flags);
    if (flags.all !== (Object.keys(selection).length === 0))
      throw new Error('Expected scans to be chosen, by --run, --sample and so on, or --all');
    return { out, name, selection };
  });
  await runCommand(() => write(wanted));
}

type Wanted = { readonly out: string; readonly name: ExportFormatName; readonly selection: Selection };

async function write({ out, name, selection }: Wanted): Promise<void> {
  const config = readConfig(process.env);
  const { TOPIC_DESCRIPTORS: descriptorsTopic, TOPIC_DEAD_LETTERS: deadLettersTopic } = config;
  const logger = createLogger('export', 'warn');
  const settings = kafkaSettings(config, logger);
  await reachBroker(settings, [descriptorsTopic, deadLettersTopic], { withinMs: 5000 });
  const kafka = kafkaClient(settings);
  const fetcher = partitionFetcher(kafka, systemClock.nowMs);
  const requests = brokerRequests(kafka);
  const recorded = recordedScans({
    ...{ registry: registryOf(config), waitMs: config.SCHEMA_REGISTRY_WAIT_MS },
    ...{ clock: systemClock, logger },
  });
  const progress = showProgress();
  try {
    const topic = async (topicName: string) => ({
      name: topicName,
      topicId: (await requests.topicId(topicName))!,
    });
    const topics = { descriptors: await topic(descriptorsTopic), deadLetters: await topic(deadLettersTopic) };
    const folder = exportFolder(out, { format: name, selection, topics }, EXPORT_FORMATS[name]);
    const before = folder.counts().scans;
    await exportScans({
      ...{ fetcher, descriptorsTopic, deadLettersTopic, recorded, selection, folder, clock: systemClock },
      onProgress: (read, all) =>
        progress.at(() => `${read} of ${all} records read, ${folder.counts().scans} scans written`),
    });
    progress.end();
    report(folder, out, before);
  } catch (error) {
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined || isFatal(error)) throw error;
    throw new FatalError(`Expected to write to --out ${out}: ${message}`);
  } finally {
    recorded.close();
    await Promise.all([fetcher.close(), requests.close()]);
  }
}

function report(folder: ExportFolder, out: string, before: number): void {
  const { parts, scans, refused, withoutRecord } = folder.counts();
  const added = before > 0 ? `, ${scans - before} of them new` : '';
  const dead = refused > 0 ? `, of which ${refused} were refused` : '';
  console.log(`${scans} scans${added}${dead}, in ${parts} parts in ${out}`);
  if (withoutRecord > 0)
    console.log(`The records of ${withoutRecord} scans are gone from their topic: XDI and NeXus lack them`);
  if (scans === 0) throw new FatalError('Expected at least one scan that is chosen so, got none');
}
