import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { FEFF10_SETS } from '../data/data-folders.ts';
import { readSites } from '../data/dataset.ts';
import { judgeSites, loadProcessor } from '../evaluation/judge-sites.ts';
import { flaggedModel } from '../flagged-model.ts';
import { amorphousPage } from '../transfer/amorphous/amorphous-page.ts';
import { AS_THEY_ARE, learnByCell } from '../transfer/amorphous/learn-by-cell.ts';
import { signsOfDisorder, viewsOfFolds } from '../transfer/amorphous/signs-of-disorder.ts';
import { softCoordination } from '../transfer/amorphous/soft-coordination.ts';
import { named } from '../transfer/named.ts';
import { requireNeverSeen } from '../transfer/starting-models.ts';

const HELP = `What a model of crystals makes of amorphous oxides: as it is, fine-tuned on some sites of other cells,
and from scratch; what the gate accepts of each; what would tell disorder; whether a soft coordination number is learned
better.

  npm run workbench -- amorphous [options]

  --data FILE       sites of quenched cells (default: data/amorphous/sites.jsonl)
  --model NAME|DIR  one that learned from crystals alone (default: spt); the models of its cross-fit lie in
                    .cache/cross-fit
  --out FILE        default: docs/tables/amorphous.md
  --help

What it trains stays in .cache/amorphous: it goes on where it was broken off, and trains nothing twice.`;

const SCRATCH = '.cache/amorphous/models';
const CRYSTALS = FEFF10_SETS.map((set) => `data/${set}/sites.jsonl`);

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      data: { type: 'string', default: 'data/amorphous/sites.jsonl' },
      model: { type: 'string', default: 'spt' },
      out: { type: 'string', default: 'docs/tables/amorphous.md' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const directory = await flaggedModel(flags.model);
  requireNeverSeen(directory, ['amorphous']);
  const processor = await loadProcessor(directory, 'auto');
  const sites = readSites(flags.data);
  const metals = sites.filter(({ element }) => element !== 'O');
  const oxygens = sites.filter(({ element }) => element === 'O');
  const absorbers = new Set(metals.map(({ element }) => element));
  const crystals = CRYSTALS.flatMap((file) => readSites(file)).filter(({ element }) =>
    absorbers.has(element),
  );
  const folds = await viewsOfFolds(processor, crystals, metals);
  const rows = await learnByCell({ directory, processor }, metals, SCRATCH);
  const asItIs = rows[0]!.answers;
  const page = amorphousPage({
    ...{ shipped: named(directory), metals, rows },
    oxygens: (await judgeSites(processor, oxygens, AS_THEY_ARE)).answers,
    signs: signsOfDisorder(asItIs, folds),
    crystals: crystals.length,
    soft: softCoordination(asItIs),
  });
  mkdirSync(dirname(flags.out), { recursive: true });
  writeFileSync(flags.out, page);
  await processor.model.close();
}
