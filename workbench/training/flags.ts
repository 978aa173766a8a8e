import { DESCRIPTOR_NAMES, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import { TRAINING_FOLDERS } from '../data/data-folders.ts';
import { listFlag } from '../list-flag.ts';
import { nameFlags } from '../name-flags.ts';
import { number, wholeNumber } from '../number-flags.ts';
import { RECIPE, type Recipe } from './training-plan.ts';

/** Options that the commands which train have in common, as node:util's parseArgs takes them. */
export const TRAINING_FLAGS = {
  data: { type: 'string', multiple: true },
  'leave-out': { type: 'string', default: 'li-x-coo2' },
  epochs: { type: 'string' },
  batch: { type: 'string', default: String(RECIPE.batchSize) },
  rate: { type: 'string' },
  decay: { type: 'string', default: String(RECIPE.weightDecay) },
  repeat: { type: 'string', default: String(RECIPE.repeat) },
  seed: { type: 'string', default: '1' },
  resume: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

export const TRAINING_FLAGS_HELP = `\
  --data FILE|FOLDER    labelled spectra as JSON lines, in a folder or right below it; several times for several
                        (default: what the shipped model was trained with: cu-feff9 and tm-feff9 of XANES_DATA or
                        data/omnixas, data/battery-feff10 and data/battery-extended)
  --leave-out A,B       names of folders that are not read, or none (default: li-x-coo2, the demo's series)
  --batch N             default ${RECIPE.batchSize}
  --decay W             weight decay (default ${RECIPE.weightDecay})
  --repeat N            how often a FEFF10 spectrum is seen in an epoch (default ${RECIPE.repeat})
  --seed N              default 1
  --resume              go on from the checkpoint in --out
  --help`;

type Flags = {
  readonly data?: string[] | undefined;
  readonly epochs?: string | undefined;
  readonly batch: string;
  readonly rate?: string | undefined;
  readonly decay: string;
  readonly repeat: string;
};

export function dataFolders({ data }: Pick<Flags, 'data'>): readonly string[] {
  return data ?? TRAINING_FOLDERS;
}

/**
 * Names of folders that are not read.
 * @throws FatalError where one is empty or there twice
 */
export function leftOut(flags: { readonly 'leave-out': string }): readonly string[] {
  return flags['leave-out'] === 'none' ? [] : listFlag('leave-out', flags['leave-out']);
}

export function recipeOf(flags: Flags, defaults: Recipe = RECIPE): Recipe {
  return {
    ...defaults,
    epochs: flags.epochs === undefined ? defaults.epochs : wholeNumber('epochs', flags.epochs),
    batchSize: wholeNumber('batch', flags.batch),
    learningRate: flags.rate === undefined ? defaults.learningRate : number('rate', flags.rate, 0),
    weightDecay: number('decay', flags.decay, 0),
    repeat: wholeNumber('repeat', flags.repeat),
  };
}

export function descriptorList(text: string | undefined): readonly DescriptorName[] {
  if (text === undefined) return DESCRIPTOR_NAMES;
  return nameFlags('descriptors', text, DESCRIPTOR_NAMES);
}

/** How a person would call it again: folders of this machine are left out. */
export function commandLine(name: string, args: readonly string[]): string {
  const own = /^--(data|out|model|distil-from|from|python)(=|$)/;
  const kept = args.filter((argument, i) => {
    const isValue = own.test(args[i - 1] ?? '') && !args[i - 1]!.includes('=');
    return !isValue && !own.test(argument) && argument !== '--resume';
  });
  const quoted = kept.map((argument) => (/\s/.test(argument) ? JSON.stringify(argument) : argument));
  return ['npm run workbench --', name, ...quoted].join(' ');
}
