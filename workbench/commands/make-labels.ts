import { parseFlags } from '../../src/cli/parse-flags.ts';
import { OMNIXAS } from '../data/data-folders.ts';
import { LABELS, makeLabels, readLabelIndex } from '../data/make-labels.ts';

const HELP = `Makes data/labels from the sets cu-feff9 and tm-feff9: their lines without the spectra, each with
a checksum of its spectrum, and omnixas.json with the sha256 of every file. The inverse of import-omnixas: what
that made gives the same labels again.

  npm run workbench -- make-labels [options]

  --data FOLDER  holds cu-feff9 and tm-feff9 (default: XANES_DATA or data/omnixas)
  --out DIR      default ${LABELS}; its omnixas.json names the repository and commit that the spectra are of
  --help`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      data: { type: 'string', default: OMNIXAS },
      out: { type: 'string', default: LABELS },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const { repository, commit } = readLabelIndex(flags.out);
  const { files } = makeLabels(flags.data, flags.out, { repository, commit });
  for (const { file, rows } of files) console.log(`${file}: ${rows} sites`);
}
