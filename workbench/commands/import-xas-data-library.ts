import { parseFlags } from '../../src/cli/parse-flags.ts';
import { FatalError } from '../../src/common/errors.ts';
import { MEASURED } from '../data/data-folders.ts';
import { importXasDataLibrary, XAS_DATA_LIBRARY } from '../data/import-xas-data-library.ts';

const HELP = `Copies the measured files that we have textbook values for (data/labels/measured.json) from your
checkout of the XAS Data Library, and writes manifest.json beside them: the folder that measured,
fit-measured-means and evaluate-out-of-distribution read.

  git clone ${XAS_DATA_LIBRARY} DIR
  npm run workbench -- import-xas-data-library --checkout DIR [options]

  --checkout DIR     a working tree of the library
  --out DIR          default: measured in XANES_DATA, or data/measured
  --labels FILE      default data/labels/measured.json
  --allow-missing    write the files that are there, though some are missing
  --help`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      checkout: { type: 'string' },
      out: { type: 'string', default: MEASURED },
      labels: { type: 'string', default: 'data/labels/measured.json' },
      'allow-missing': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  if (flags.checkout === undefined)
    throw new FatalError(`Expected --checkout, a working tree of ${XAS_DATA_LIBRARY}`);
  importXasDataLibrary({
    checkout: flags.checkout,
    labels: flags.labels,
    out: flags.out,
    allowMissing: flags['allow-missing'],
    say: (line) => console.error(line),
  });
}
