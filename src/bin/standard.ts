import { openFlagged } from '../bundle/find-model.ts';
import { parseFlags, readFlags } from '../cli/parse-flags.ts';
import { runCommand } from '../cli/run-command.ts';
import { SCAN_FILE_FLAGS, scanFileOptions } from '../cli/scan-file-flags.ts';
import { timeFlag } from '../cli/time-flag.ts';
import { systemClock } from '../common/clock.ts';
import { FatalError } from '../common/errors.ts';
import { kafkaClient } from '../consumers/kafka-client.ts';
import { reachBroker } from '../consumers/reach-broker.ts';
import { makeStandard } from '../files/make-standard.ts';
import { readScanFiles, type ScanFileOptions, scanFilesIn } from '../files/scan-files.ts';
import { standardRows } from '../files/standard-rows.ts';
import { followStandards } from '../knowledge/follow-standards.ts';
import { isReject } from '../messages/reject.ts';
import type { KnownOfStandard, Standard } from '../messages/standard.ts';
import { publishStandards, withdrawStandards } from '../producers/publish-standards.ts';
import { configHelp, KAFKA_KEYS, readConfig } from '../runtime/config.ts';
import { kafkaSettings } from '../runtime/kafka-settings.ts';
import { MODEL_SETTINGS, REGISTRY_SETTINGS } from '../runtime/processor-settings.ts';
import { createLogger } from '../runtime/telemetry.ts';
import { makePrepare } from '../spectra/prepare.ts';
import { makePrepareFoil } from '../spectra/prepare-foil.ts';

const USAGE = `Standards: scans of a foil, or of a sample whose mean oxidation state is known, that all later scans of a
beamline are read with (docs/publish.md).

  npm run standard -- add FILE_OR_FOLDER... --beamline B --known foil
  npm run standard -- add FILE_OR_FOLDER... --beamline B --mean-oxidation-state X --uncertainty U
  npm run standard -- list
  npm run standard -- end ID... [--at T]
  npm run standard -- withdraw ID...

add: files as npm run predict reads them; all of them are of what is said to be known. Prints the ids.
end: scans that end at T or later are read without it; those before T get the same answer when they are read again.
withdraw: for mistakes. Scans of any time are read without it.

  --beamline B      as in the scans that are to be read with it
  --known foil      the scan is of the metal of its element
  --mean-oxidation-state X, --uncertainty U
                    mean over all atoms of the element in the sample, and its standard uncertainty
  --valid-from T, --valid-until T
                    which scans: those that end from T on (default: now), and before T (default: no end)
  --at T            with end (default: now)
                    T is a time with its zone, such as 2026-11-26T08:00:00Z
  --json            list: one JSON object a line
  --element, --edge, --energy, --i0, --it, --if, --mu, --reference, --path, --offset, --read-seconds
                    as npm run predict takes them
  --model MODEL     by which add checks that a file can be read, as npm run predict takes it
  --help`;

const { values: flags, positionals } = parseFlags({
  allowPositionals: true,
  options: {
    beamline: { type: 'string' },
    known: { type: 'string' },
    'mean-oxidation-state': { type: 'string' },
    uncertainty: { type: 'string' },
    'valid-from': { type: 'string' },
    'valid-until': { type: 'string' },
    at: { type: 'string' },
    json: { type: 'boolean', default: false },
    ...SCAN_FILE_FLAGS,
    model: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const [action, ...rest] = positionals;

if (flags.help) {
  console.log(configHelp(USAGE, [...KAFKA_KEYS, 'TOPIC_STANDARDS', ...MODEL_SETTINGS, ...REGISTRY_SETTINGS]));
} else await runCommand(readFlags(chosen));

/** What the arguments ask for; throws where they are wrong. */
function chosen(): () => Promise<void> {
  const some = (what: string): readonly string[] => {
    if (rest.length === 0) throw new Error(`Expected ${what} after ${action}, got none`);
    return rest;
  };
  if (action === 'add') {
    const paths = some('files or folders');
    const { beamline = '' } = flags;
    if (beamline === '') throw new Error('Expected --beamline to name the beamline, got none');
    const known = knownOf();
    const options = scanFileOptions(flags);
    const validFromMs = timeFlag('valid-from', flags['valid-from']) ?? Date.now();
    const validUntilMs = timeFlag('valid-until', flags['valid-until']);
    if (validUntilMs !== null && validUntilMs <= validFromMs)
      throw new Error('Expected --valid-until to be later than --valid-from');
    return () => add(paths, { beamline, known, validFromMs, validUntilMs }, options);
  }
  if (action === 'list') {
    if (rest.length > 0) throw new Error(`Expected nothing after list, got ${rest[0]}`);
    return list;
  }
  if (action === 'end') {
    const [ids, atMs] = [some('ids'), timeFlag('at', flags.at) ?? Date.now()];
    return () => end(ids, atMs);
  }
  if (action === 'withdraw') {
    const ids = some('ids');
    return () => withdraw(ids);
  }
  throw new Error(`Expected add, list, end or withdraw, got ${action ?? 'nothing'}`);
}

function knownOf(): KnownOfStandard {
  const state = numberOf('mean-oxidation-state');
  const uncertainty = numberOf('uncertainty');
  if (flags.known !== undefined) {
    if (flags.known !== 'foil') throw new Error(`Expected --known to be foil, got ${flags.known}`);
    if (state !== null || uncertainty !== null)
      throw new Error('Expected --known foil without --mean-oxidation-state and --uncertainty, got both');
    return { kind: 'foil' };
  }
  if (state === null || uncertainty === null)
    throw new Error('Expected --known foil, or --mean-oxidation-state and --uncertainty, got neither');
  return { kind: 'mean-oxidation-state', value: state, uncertainty };
}

function numberOf(name: 'mean-oxidation-state' | 'uncertainty'): number | null {
  const text = flags[name];
  if (text === undefined) return null;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new Error(`Expected --${name} to be a number, got ${text}`);
  return value;
}

type Fields = Pick<Standard, 'beamline' | 'known' | 'validFromMs' | 'validUntilMs'>;

async function add(paths: readonly string[], fields: Fields, options: ScanFileOptions): Promise<void> {
  const { manifest } = await openFlagged(flags.model, readConfig(process.env));
  const read = fields.known.kind === 'foil' ? makePrepareFoil(manifest) : makePrepare(manifest);
  const standards: Standard[] = [];
  for await (const file of readScanFiles(scanFilesIn(paths), options)) {
    const standard = makeStandard(file, fields, read);
    if (isReject(standard))
      throw new FatalError(`${file.id ?? file.file} cannot be a standard: ${standard.detail}`);
    standards.push(standard);
  }
  if (standards.length === 0) throw new FatalError('Expected at least one scan in these files, got none');
  const { kafka, topic } = await connect();
  await publishStandards(kafka, topic, standards);
  for (const row of standardRows(standards)) console.log(row);
}

async function list(): Promise<void> {
  const standards = await all();
  if (flags.json) for (const { scan, ...rest } of standards) console.log(JSON.stringify(rest));
  else for (const row of standardRows(standards)) console.log(row);
}

async function end(ids: readonly string[], atMs: number): Promise<void> {
  const standards = await named(ids);
  for (const { standardId, validFromMs } of standards) {
    if (atMs <= validFromMs)
      throw new FatalError(
        `Expected --at to be later than when ${standardId} became valid, ${new Date(validFromMs).toISOString()}`,
      );
  }
  const { kafka, topic } = await connect();
  const ended = standards.map((standard) => ({ ...standard, validUntilMs: atMs }));
  await publishStandards(kafka, topic, ended);
  for (const row of standardRows(ended)) console.log(row);
}

async function withdraw(ids: readonly string[]): Promise<void> {
  await named(ids);
  const { kafka, topic } = await connect();
  await withdrawStandards(kafka, topic, ids);
  for (const id of ids) console.log(`${id} is withdrawn`);
}

async function named(ids: readonly string[]): Promise<Standard[]> {
  const known = new Map((await all()).map((standard) => [standard.standardId, standard]));
  return ids.map((id) => {
    const standard = known.get(id);
    if (standard === undefined)
      throw new FatalError(`Expected the id of a standard, got ${id}; \`npm run standard -- list\` has them`);
    return standard;
  });
}

/** Those that a processor would read now. */
async function all(): Promise<readonly Standard[]> {
  const { kafka, topic, logger } = await connect();
  let refused = 0;
  let fail = (_: Error) => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const followed = followStandards({
    ...{ kafka, topic, logger, clock: systemClock, onCrash: fail },
    onRefused: () => {
      refused += 1;
    },
    onChange: () => {},
  });
  try {
    await Promise.race([followed.whole(), failed]);
    if (refused > 0)
      console.error(`${refused} records of ${topic} are no standards: the log of a processor says why`);
    return followed.all();
  } finally {
    await followed.close();
  }
}

async function connect() {
  const config = readConfig(process.env);
  const topic = config.TOPIC_STANDARDS;
  const logger = createLogger('standard', 'fatal');
  const settings = kafkaSettings(config, logger);
  await reachBroker(settings, [topic], { withinMs: 5000 });
  return { kafka: kafkaClient(settings), topic, logger };
}
