import { parseArgs } from 'node:util';

export type ReplayOptions = {
  readonly rate: number;
  readonly scans: number;
  readonly seed: number;
  readonly samples: number;
  /** End after one run instead of starting the next. */
  readonly once: boolean;
};

export const REPLAY_FLAGS = `  --rate N       scans a second [10]
  --scans N      scans of one run, a charge and a discharge [600]
  --once         end after one run; otherwise run follows run until Ctrl-C
  --samples N    cells in the beam by turns [3]
  --seed N       another seed, other noise [1]`;

export const EXPERIMENT_FLAGS = {
  rate: { type: 'string', default: '10' },
  scans: { type: 'string', default: '600' },
  samples: { type: 'string', default: '3' },
  seed: { type: 'string', default: '1' },
  once: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Flags of the replay and more string flags of the command's own. Throws an Error that names the flag. */
export function readReplayOptions<Own extends string = never>(
  args: readonly string[],
  own: Readonly<Record<Own, string>> = {} as Record<Own, string>,
): ReplayOptions & { readonly help: boolean; readonly own: Readonly<Record<Own, string>> } {
  const ownFlags = Object.fromEntries(
    Object.entries<string>(own).map(([name, value]) => [name, { type: 'string' as const, default: value }]),
  );
  const { values } = parseArgs({ args: [...args], options: { ...ownFlags, ...EXPERIMENT_FLAGS } });
  return {
    rate: numberFlag('rate', values.rate, { above: 0 }),
    scans: numberFlag('scans', values.scans, { integer: true, above: 0 }),
    samples: numberFlag('samples', values.samples, { integer: true, above: 0 }),
    seed: numberFlag('seed', values.seed, { integer: true, above: -1 }),
    once: values.once,
    help: values.help,
    own: Object.fromEntries(
      Object.keys(own).map((name) => [name, (values as Readonly<Record<string, unknown>>)[name]]),
    ) as Record<Own, string>,
  };
}

export function numberFlag(
  name: string,
  text: string,
  { integer = false, above }: { readonly integer?: boolean; readonly above: number },
): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > above && (!integer || Number.isInteger(value)))
    return value;
  throw new Error(`Expected --${name} to be ${integer ? 'an integer' : 'a number'} > ${above}, got ${text}`);
}
