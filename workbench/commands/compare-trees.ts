import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { SCORES } from '../comparison/fold-scores.ts';
import { askTrees, TREE_MODELS, TREES_CACHE } from '../comparison/trees/ask-trees.ts';
import { exportSpectra, RUN_NAMES } from '../comparison/trees/export-spectra.ts';
import { scoreTrees, writeTreeScores } from '../comparison/trees/score-trees.ts';
import { treesTable } from '../comparison/trees/trees-table.ts';
import { OMNIXAS } from '../data/data-folders.ts';
import { nameFlags } from '../name-flags.ts';
import { wholeNumber } from '../number-flags.ts';

const HELP = `Trains trees on the copper spectra that the networks are trained on, and scores them alike: on the test
split and in 5-fold cross-validation by material. Needs Python 3.11 or newer; its packages go to .cache/trees.

  npm run workbench -- compare-trees [options]

  --data FOLDER   holds cu-feff9 (default: XANES_DATA or data/omnixas)
  --models A,B    default ${TREE_MODELS.join(',')}
  --runs A,B      test, val or fold-0 to fold-4 (default: test and all folds)
  --copies N      augmented copies of each spectrum beside the clean one (default 2)
  --python CMD    default python3
  --fresh         train again what was trained on the same spectra before
  --help

Writes workbench/comparison/trees/scores.json, ${SCORES}/MODEL.json and
docs/tables/trees.md. Broken off, it goes on where it was.`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      data: { type: 'string', default: OMNIXAS },
      models: { type: 'string', default: TREE_MODELS.join(',') },
      runs: { type: 'string', default: 'test,fold-0,fold-1,fold-2,fold-3,fold-4' },
      copies: { type: 'string', default: '2' },
      python: { type: 'string', default: 'python3' },
      fresh: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const models = nameFlags('models', flags.models, TREE_MODELS);
  const runs = nameFlags('runs', flags.runs, RUN_NAMES);
  const copies = wholeNumber('copies', flags.copies, 0);
  const folder = join(TREES_CACHE, 'data');
  const { sites, exported } = exportSpectra(flags.data, copies, folder);
  const { python, fresh } = flags;
  const answers = await askTrees({ folder, models, known: RUN_NAMES, runs, python, fresh });
  const scored = scoreTrees(answers, sites, exported);
  writeTreeScores(scored, SCORES);
  const table = treesTable(scored, exported);
  mkdirSync('docs/tables', { recursive: true });
  writeFileSync('docs/tables/trees.md', table);
  console.log(table);
}
