import { parseFlags } from '../../src/cli/parse-flags.ts';
import { FatalError } from '../../src/common/errors.ts';
import { OMNIXAS } from '../data/data-folders.ts';
import { importOmnixas } from '../data/import-omnixas.ts';
import { LABELS } from '../data/make-labels.ts';
import { OMNIXAS_REPOSITORY } from '../data/omnixas-checkout.ts';

const HELP = `Joins our labels of OmniXAS spectra (data/labels) with your checkout of that repository into the
sets cu-feff9 and tm-feff9, which training and evaluation read. The files are those that the shipped model was
trained with, to the byte.

  git clone ${OMNIXAS_REPOSITORY} DIR
  npm run workbench -- import-omnixas --checkout DIR [options]

  --checkout DIR     a working tree of the repository
  --out DIR          default: XANES_DATA or data/omnixas
  --labels DIR       default ${LABELS}
  --allow-missing    write the spectra that are there, though some are missing
  --help`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      checkout: { type: 'string' },
      out: { type: 'string', default: OMNIXAS },
      labels: { type: 'string', default: LABELS },
      'allow-missing': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  if (flags.checkout === undefined)
    throw new FatalError(`Expected --checkout, a working tree of ${OMNIXAS_REPOSITORY}`);
  importOmnixas({
    checkout: flags.checkout,
    labels: flags.labels,
    out: flags.out,
    allowMissing: flags['allow-missing'],
    say: (line) => console.error(line),
  });
}
