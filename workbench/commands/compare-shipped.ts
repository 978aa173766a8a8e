import { openBundle } from '../../src/bundle/bundle.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { readCuSites } from '../comparison/cu-sites.ts';
import { SCORES, writeFoldScores } from '../comparison/fold-scores.ts';
import { scoreCrossFit } from '../comparison/score-cross-fit.ts';
import { OMNIXAS } from '../data/data-folders.ts';
import { flaggedModel } from '../flagged-model.ts';

const HELP = `Scores the shipped model beside the others of the comparison: the five models of its cross-fit, each on
the copper sites of the fold that it has not seen, with the same noise. Writes ${SCORES}/shipped.json.

  npm run workbench -- compare-shipped [options]

  --model NAME|DIR  trained with --cross-fit; the models of its folds lie in .cache/cross-fit (default: spt)
  --data FOLDER     holds cu-feff9 (default: XANES_DATA or data/omnixas)
  --out FOLDER      default ${SCORES}
  --help

Then comparison-table writes the table.`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      model: { type: 'string', default: 'spt' },
      data: { type: 'string', default: OMNIXAS },
      out: { type: 'string', default: SCORES },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const manifest = openBundle(await flaggedModel(flags.model), { gate: 'optional' }).manifest;
  writeFoldScores(flags.out, await scoreCrossFit(manifest, readCuSites(flags.data)));
}
