import { parseFlags } from '../../src/cli/parse-flags.ts';
import { OMNIXAS } from '../data/data-folders.ts';
import { readSites, type Site } from '../data/dataset.ts';
import { fitShift } from '../training/references.ts';

const HELP = `The energy shift from FEFF10 to FEFF9, crystal by crystal: for copper, whose training spectra are of FEFF9 alone. A
spectrum computed with FEFF10 is laid upon the FEFF9 spectra of the same crystal: of the same formula, with equal OS, CN, CN2 and PSGO.

  npm run workbench -- fit-feff10-scale [options]

  --from FILE     FEFF10 spectra (default: data/cu-feff10/sites.jsonl)
  --feff9 LIST    files of FEFF9 spectra, by commas (default: train, val and test of cu-feff9; nothing is learned from them)
  --help`;

/** What the command was called with. */
let flags: ReturnType<typeof readOptions>;

const readOptions = (args: readonly string[]) =>
  parseFlags({
    args,
    options: {
      from: { type: 'string', default: 'data/cu-feff10/sites.jsonl' },
      feff9: {
        type: 'string',
        default: ['train', 'val', 'test'].map((part) => `${OMNIXAS}/cu-feff9/${part}.jsonl.gz`).join(','),
      },
      help: { type: 'boolean', default: false },
    },
  }).values;

export async function run(args: readonly string[]): Promise<void> {
  flags = readOptions(args);
  if (flags.help) console.log(HELP);
  else fitScale();
}

function fitScale(): void {
  const feff9 = flags.feff9.split(',').flatMap((file) => readSites(file));
  console.log('| crystal | FEFF9 | shift, eV | broadening of FEFF10, eV | mean square difference |');
  console.log('|---|---|---|---|---|');
  for (const ten of readSites(flags.from)) {
    for (const nine of feff9.filter((other) => isSameCrystal(other, ten))) {
      const fit = fitShift([nine], [ten], 1);
      const figures = fit === null ? ['-', '-', '-'] : [fit.shiftEv, fit.sigmaEv, fit.error.toFixed(4)];
      console.log(`| ${[ten.formula, nine.id, ...figures].join(' | ')} |`);
    }
  }
}

function isSameCrystal(one: Site, other: Site): boolean {
  const labels = ['OS', 'CN', 'CN2', 'PSGO'] as const;
  return (
    one.formula === other.formula &&
    labels.every((name) => {
      const label = one.labels[name];
      return label !== undefined && label === other.labels[name];
    })
  );
}
