import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { comparisonTable } from './comparison-table.ts';
import { readComparison } from './fold-scores.ts';

const HELP = `Writes the comparison of all models that went through cross-validation, from their JSON files in this folder.

  node --import tsx bench/comparison/table.ts [options]

  --reference NAME  the model that the others are compared with (default: spt)
  --out FILE        default docs/tables/comparison.md
  --help`;

const { values: flags } = parseArgs({
  options: {
    reference: { type: 'string', default: 'spt' },
    out: { type: 'string', default: 'docs/tables/comparison.md' },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) console.log(HELP);
else {
  const table = comparisonTable(readComparison(import.meta.dirname), flags.reference);
  mkdirSync(dirname(flags.out), { recursive: true });
  writeFileSync(flags.out, table);
  console.log(table);
}
