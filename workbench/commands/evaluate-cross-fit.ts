import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../src/bundle/bundle.ts';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { dataOf, readTrainingData } from '../data/training-data.ts';
import { crossFitAnswers } from '../evaluation/cross-fit-answers.ts';
import { crossFitJson, crossFitPage, crossFitScores, crossFitTable } from '../evaluation/cross-fit-page.ts';
import { flaggedModel } from '../flagged-model.ts';
import { dataFolders } from '../training/flags.ts';

const HELP = `Scores the models of a cross-fit, each on the materials (or families) that it has not seen, by set and
element.

  npm run workbench -- evaluate-cross-fit [options]

  --model NAME|DIR    the model that was trained with --cross-fit (default: spt)
  --data FILE|FOLDER  what it was trained with (default as for train); several times for several
  --out FOLDER        where tables/cross-fit.md and tables/cross-fit.json go (default: docs)
  --help

Plain predictions on noise-free spectra; decoded labels are not scored. The JSON holds whole sets alone.`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      model: { type: 'string', default: 'spt' },
      data: { type: 'string', multiple: true },
      out: { type: 'string', default: 'docs' },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  const { manifest } = openBundle(await flaggedModel(flags.model), { gate: 'optional' });
  const data = dataOf(readTrainingData(dataFolders(flags)), manifest.training);
  const answers = await crossFitAnswers(manifest, data);
  const scores = crossFitScores(answers);
  const tables = join(flags.out, 'tables');
  mkdirSync(tables, { recursive: true });
  writeFileSync(join(tables, 'cross-fit.md'), crossFitPage(manifest.id, scores, answers));
  writeFileSync(join(tables, 'cross-fit.json'), crossFitJson(manifest.id, scores, data.sets.keys()));
  console.log(crossFitTable(scores).trimEnd());
}
