import { FatalError } from '../../src/errors.ts';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import { TRAINING_FOLDERS } from '../data/data-folders.ts';
import { number, wholeNumber } from '../number-flags.ts';
import { RECIPE, type Recipe } from './train-model.ts';

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

export const TRAINING_FLAGS_HELP = `  --data FOLDER         labelled spectra as JSON lines, in it or right below it; several times for several folders
                        (default: what the shipped model was trained with: cu-feff9 and tm-feff9 of XANES_DATA or
                        data/omnixas, data/battery-feff10 and data/battery-extended)
  --leave-out A,B       names of folders that are not read (default: li-x-coo2, the demo's series)
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
  return text.split(',').map((name) => {
    if ((DESCRIPTOR_NAMES as readonly string[]).includes(name)) return name as DescriptorName;
    throw new FatalError(`Expected --descriptors to be of ${DESCRIPTOR_NAMES.join(', ')}, got ${name}`);
  });
}

/** How a person would call it again: folders of this machine are left out. */
export function commandLine(name: string, args: readonly string[]): string {
  const kept = args.filter((argument, i, all) => {
    const own = /^--(data|out|from|distil-from)\b/;
    return (
      !own.test(argument) &&
      !/^--(data|out|from|distil-from)$/.test(all[i - 1] ?? '') &&
      argument !== '--resume'
    );
  });
  return ['npm run workbench --', name, ...kept].join(' ');
}
