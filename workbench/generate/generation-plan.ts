import type { parseArgs } from 'node:util';
import { FatalError } from '../../src/common/errors.ts';
import { listFlag } from '../list-flag.ts';
import { nameFlag } from '../name-flags.ts';
import { number, wholeNumber } from '../number-flags.ts';
import { TOOLS_FOLDER } from './python-tools.ts';
import type { Quenching } from './quench-cells.ts';
import { CRYSTALS, type Crystals } from './tasks.ts';

/** Options of the command, as node:util's parseArgs takes them. */
export const GENERATION_FLAGS = {
  structures: { type: 'string' },
  prototypes: { type: 'boolean', default: false },
  crystals: { type: 'string', default: 'oxides' },
  variants: { type: 'string', default: '0' },
  relaxed: { type: 'string' },
  amorphous: { type: 'string' },
  cells: { type: 'string', default: '1' },
  atoms: { type: 'string', default: '48' },
  'melt-ps': { type: 'string', default: '0.4' },
  'quench-ps': { type: 'string', default: '1.2' },
  absorber: { type: 'string', default: 'Mn,Fe,O' },
  out: { type: 'string', default: 'sites.jsonl' },
  besides: { type: 'string', multiple: true, default: [] as string[] },
  limit: { type: 'string' },
  feff: { type: 'string' },
  timeout: { type: 'string', default: '1800' },
  workers: { type: 'string', default: '1' },
  retry: { type: 'boolean', default: false },
  queue: { type: 'string' },
  work: { type: 'string' },
  idle: { type: 'string' },
  list: { type: 'boolean', default: false },
  deck: { type: 'string' },
  tools: { type: 'string', default: TOOLS_FOLDER },
  help: { type: 'boolean', default: false },
} as const;

export type GenerationFlags = ReturnType<typeof parseArgs<{ options: typeof GENERATION_FLAGS }>>['values'];

/** What is to be computed, and how. */
export type GenerationPlan = {
  /** Crystals of a folder, the built-in ones, or cells that are quenched, or relaxed (names of hosts). */
  readonly from:
    | { readonly structures: string }
    | { readonly amorphous: Quenching }
    | { readonly relaxed: readonly string[] }
    | { readonly crystals: Crystals; readonly variants: readonly number[] };
  readonly elements: readonly string[];
  readonly out: string;
  /** Data sets whose sites are there already. */
  readonly besides: readonly string[];
  /** At most so many sites. */
  readonly limit: number;
  readonly timeoutS: number;
  readonly workers: number;
  /** Redis of the queue through which other machines compute; undefined: this one does. */
  readonly queue: string | undefined;
  /** Whether what failed before is tried again. */
  readonly retry: boolean;
  /** Folder of FEFF's programs; undefined: the wheel. */
  readonly feff: string | undefined;
  readonly tools: string;
};

/** @throws FatalError that names the option which is wrong */
export function generationPlan(flags: GenerationFlags): GenerationPlan {
  const { absorber, out, besides, retry, feff, tools, queue } = flags;
  return {
    from: sourceOf(flags),
    elements: listFlag('absorber', absorber),
    limit: flags.limit === undefined ? Number.POSITIVE_INFINITY : wholeNumber('limit', flags.limit),
    timeoutS: wholeNumber('timeout', flags.timeout),
    workers: wholeNumber('workers', flags.workers),
    ...{ out, besides, retry, feff, tools, queue },
  };
}

function sourceOf(flags: GenerationFlags): GenerationPlan['from'] {
  const { structures, prototypes, relaxed, amorphous } = flags;
  if (
    [structures, prototypes || undefined, relaxed, amorphous].filter((flag) => flag !== undefined).length !==
    1
  )
    throw new FatalError(
      'Expected one of --structures DIR, --prototypes, --relaxed HOST and --amorphous FORMULA',
    );
  if (structures !== undefined) return { structures };
  if (relaxed !== undefined) return { relaxed: listFlag('relaxed', relaxed) };
  if (amorphous === undefined)
    return {
      crystals: nameFlag('crystals', flags.crystals, Object.keys(CRYSTALS) as Crystals[]),
      variants: rangeOf('variants', flags.variants),
    };
  return {
    amorphous: {
      formulas: listFlag('amorphous', amorphous),
      numbers: rangeOf('cells', flags.cells),
      atoms: wholeNumber('atoms', flags.atoms),
      meltPs: number('melt-ps', flags['melt-ps'], 0.002),
      quenchPs: number('quench-ps', flags['quench-ps'], 0.002),
    },
  };
}

/** `0`, or `1-3` for 1, 2 and 3. */
function rangeOf(name: string, text: string): number[] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? first);
  if (match === null || last < first) throw new FatalError(`Expected --${name} like 0 or 1-3, got ${text}`);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
