import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { comparisonTable } from '../comparison/comparison-table.ts';
import { costCurve } from '../comparison/cost-curve.ts';
import { readFoldScores, SCORES } from '../comparison/fold-scores.ts';
import { lineChart } from '../report/plots/line-chart.ts';

const HELP = `Writes the comparison of all models that went through cross-validation, from the files of ${SCORES},
and draws accuracy against cost.

  npm run workbench -- comparison-table [options]

  --reference NAME  the model that the others are compared with (default: spt)
  --out FILE        default docs/tables/comparison.md
  --plot FILE       default docs/images/cost.svg
  --help`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      reference: { type: 'string', default: 'spt' },
      out: { type: 'string', default: 'docs/tables/comparison.md' },
      plot: { type: 'string', default: 'docs/images/cost.svg' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const models = readFoldScores(SCORES);
  const table = comparisonTable(models, flags.reference);
  mkdirSync(dirname(flags.out), { recursive: true });
  writeFileSync(flags.out, table);
  await lineChart({
    title: 'Accuracy against cost',
    x: 'MFLOP a spectrum',
    y: 'mean over folds and descriptors',
    series: costCurve(models),
    logarithmic: 'x',
    file: flags.plot,
  });
  console.log(table);
}
