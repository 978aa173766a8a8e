import { parseArgs } from 'node:util';
import { SCAN_FILE_FLAGS, scanFileOptions } from '../../src/cli/scan-file-flags.ts';
import type { ScanFileOptions } from '../../src/files/scan-files.ts';
import { EXPERIMENT_FLAGS, numberFlag } from './replay-options.ts';

const ORDERS = ['given', 'reversed', 'shuffled'] as const;

export type FileReplayOptions = {
  readonly paths: readonly string[];
  /** Scans a second. */
  readonly rate: number;
  /** By how much of the time between two scans each is early or late, 0 to 1. */
  readonly jitter: number;
  readonly order: (typeof ORDERS)[number];
  readonly seed: number;
  /** Whether scans are marked as of a beamline that measures now. */
  readonly live: boolean;
  /** Over and over, until it is ended. */
  readonly repeat: boolean;
  /** As `openFlagged` takes it. */
  readonly model: string | undefined;
  readonly files: ScanFileOptions;
};

export const FILE_FLAGS = `  --rate N       scans a second [10]
  --jitter N     by how much of the time between two scans each is early or late, 0 to 1 [0]
  --order NAME   given, reversed or shuffled [given]
  --seed N       of the jitter and of the order [1]
  --live         marks scans as LIVE; otherwise they are REPLAY, which agents leave alone
  --repeat       over and over until Ctrl-C, each time as a run of its own
  --element, --edge, --energy, --i0, --it, --if, --mu, --reference, --path, --offset,
  --read-seconds as npm run predict takes them
  --model MODEL  by which the signal of a file is chosen, as npm run predict takes it`;

const FLAGS = {
  rate: { type: 'string', default: '10' },
  jitter: { type: 'string', default: '0' },
  order: { type: 'string', default: 'given' },
  seed: { type: 'string', default: '1' },
  live: { type: 'boolean', default: false },
  repeat: { type: 'boolean', default: false },
  model: { type: 'string' },
  ...SCAN_FILE_FLAGS,
} as const;

/** Options of a replay of files; null where the arguments name none. Throws an Error that names the flag. */
export function readFileOptions(args: readonly string[]): FileReplayOptions | null {
  // The flags of both kinds of replay, so that no value of theirs is taken for a file.
  const both = { ...EXPERIMENT_FLAGS, ...FLAGS };
  const given = parseArgs({ args: [...args], options: both, allowPositionals: true, strict: false });
  if (given.positionals.length === 0) return null;
  const { values, positionals: paths } = parseArgs({
    args: [...args],
    options: FLAGS,
    allowPositionals: true,
  });
  const { rate, jitter, order, seed, live, repeat, model } = values;
  const known = ORDERS.find((each) => each === order);
  if (known === undefined) throw new Error(`Expected --order to be ${ORDERS.join(', ')}, got ${order}`);
  const share = Number(jitter);
  if (jitter.trim() === '' || !(share >= 0 && share <= 1))
    throw new Error(`Expected --jitter to be from 0 to 1, got ${jitter}`);
  return {
    ...{ paths, live, repeat, model, order: known, jitter: share },
    rate: numberFlag('rate', rate, { above: 0 }),
    seed: numberFlag('seed', seed, { integer: true, above: -1 }),
    files: scanFileOptions(values),
  };
}
