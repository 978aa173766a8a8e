import { parseFlags } from '../../src/cli/parse-flags.ts';
import { OMNIXAS } from '../data/data-folders.ts';
import { readSites } from '../data/dataset.ts';
import { listFlag } from '../list-flag.ts';
import { feff10Scale } from '../training/feff10-scale.ts';

const HELP = `The energy shift from FEFF10 to FEFF9, crystal by crystal: for copper, whose training spectra are of FEFF9
alone. A spectrum computed with FEFF10 is laid upon the FEFF9 spectra of the same crystal: of the same formula, with
equal OS, CN, CN2 and PSGO.

  npm run workbench -- fit-feff10-scale [options]

  --data FILE     FEFF10 spectra (default: data/cu-feff10/sites.jsonl)
  --feff9 LIST    files of FEFF9 spectra, by commas (default: train, val and test of cu-feff9; nothing is learned from
                  them)
  --help`;

const FEFF9 = ['train', 'val', 'test'].map((part) => `${OMNIXAS}/cu-feff9/${part}.jsonl.gz`);

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      data: { type: 'string', default: 'data/cu-feff10/sites.jsonl' },
      feff9: { type: 'string', default: FEFF9.join(',') },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const feff9 = listFlag('feff9', flags.feff9).flatMap((file) => readSites(file));
  console.log(feff10Scale(readSites(flags.data), feff9).trimEnd());
}
