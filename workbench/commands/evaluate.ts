import { basename } from 'node:path';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { FatalError } from '../../src/common/errors.ts';
import { ENGINE_CHOICES, type EngineName } from '../../src/model/engine.ts';
import { CONDITION_FLAGS, CONDITION_HELP, conditionOf, joinNegative } from '../evaluation/condition-flags.ts';
import { judgeSites, loadProcessor } from '../evaluation/judge-sites.ts';
import { resultOf } from '../evaluation/result.ts';
import { resultText } from '../evaluation/result-text.ts';
import { setName } from '../evaluation/set-name.ts';
import { sitesToScore } from '../evaluation/sites-to-score.ts';
import { CONDITIONS, writeSweep } from '../evaluation/sweep.ts';
import { writeAnswerPlots } from '../evaluation/write-answer-plots.ts';
import { flaggedModel } from '../flagged-model.ts';
import { number } from '../number-flags.ts';

const HELP = `Scores what the processor says of computed spectra with known labels: its own preparation, model and gate.

  npm run -s evaluate -- --data FILE [options]

  --data FILE       sites as JSON lines, .jsonl or .jsonl.gz
  --json            one JSON object and nothing else on standard output
  --model NAME|DIR  a folder under models/, or any other (default: spt)
  --level L         coverage of the stated intervals, within those of the gate's table (default: what is published)
  --families A,B    only these families; val or test: those that training kept for it
  --all-labels      score oxidation states of copper, too, that no charge balance of the formula establishes
  --engine NAME     ${ENGINE_CHOICES.join(', ')}
                    (default: auto)

What is done to each spectrum before all else:
${CONDITION_HELP}

Figures:
  --plots FOLDER    confusion matrices of classes, predicted against true reals, as SVG
  --sweep           ${CONDITIONS.length} noise levels and distortions: OUT/tables/sweep-….md, OUT/images/sweep-….svg
  --out FOLDER      default: docs
  --help

Sites that the processor would refuse (an element that the model does not know, a spectrum that cannot be prepared) are
counted, not scored. Labels that were decoded instead of established are never scored; null is no label.`;

const FLAGS = {
  ...CONDITION_FLAGS,
  data: { type: 'string' },
  json: { type: 'boolean', default: false },
  model: { type: 'string', default: 'spt' },
  level: { type: 'string' },
  families: { type: 'string' },
  'all-labels': { type: 'boolean', default: false },
  engine: { type: 'string', default: 'auto' },
  plots: { type: 'string' },
  sweep: { type: 'boolean', default: false },
  out: { type: 'string', default: 'docs' },
  help: { type: 'boolean', default: false },
} as const;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({ args: joinNegative(args), options: FLAGS });
  if (flags.help) return console.log(HELP);
  const { data } = flags;
  if (data === undefined) throw new FatalError('Expected --data FILE: see --help');
  const condition = conditionOf(flags);
  const level = flags.level === undefined ? null : number('level', flags.level, Number.NEGATIVE_INFINITY);
  const directory = await flaggedModel(flags.model);
  const model = basename(directory);
  const processor = await loadProcessor(directory, flags.engine as 'auto' | EngineName, level);
  const { manifest } = processor.model;
  const { sites, decoded, doubtful, notes } = sitesToScore(
    data,
    flags.families,
    manifest,
    flags['all-labels'],
  );
  for (const note of [...processor.notes, ...notes]) console.error(note);
  const set = setName(data, flags.families);
  const about = { processor, set, decoded, doubtful, ...condition };
  if (flags.sweep) {
    const { results, files } = await writeSweep({ ...about, data, model, sites, out: flags.out });
    console.log(flags.json ? JSON.stringify(results) : files.join('\n'));
  } else {
    const answers = await judgeSites(processor, sites, condition);
    const result = resultOf(answers, about);
    console.log(flags.json ? JSON.stringify(result) : resultText(result));
    if (flags.plots !== undefined) {
      const files = await writeAnswerPlots(flags.plots, answers.answers, `${model} on ${set}`);
      console.error(files.join('\n'));
    }
  }
  await processor.model.close();
}
