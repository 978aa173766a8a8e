import { basename, resolve } from 'node:path';
import { parseFlags } from '../../src/cli/parse-flags.ts';
import { FatalError } from '../../src/common/errors.ts';
import { readTrainingData, SPLIT_RULE } from '../data/training-data.ts';
import { flaggedModel } from '../flagged-model.ts';
import { wholeNumber } from '../number-flags.ts';
import { commandLine, leftOut, recipeOf, TRAINING_FLAGS, TRAINING_FLAGS_HELP } from '../training/flags.ts';
import { makeFineTuning } from '../training/make-fine-tuning.ts';
import { consoleProgress } from '../training/progress.ts';
import { trainModel } from '../training/train-model.ts';
import { RECIPE } from '../training/training-plan.ts';

const GENTLE = { ...RECIPE, epochs: 30, learningRate: 0.0005 };

const HELP = `Goes on training a model with other spectra: your own material, another calculation, a new absorber.

  npm run workbench -- fine-tune --data FILE|FOLDER [options]

  --model NAME|DIR      the model to start from (default: spt)
  --out DIR             where the new one goes (default: models/<id>)
  --id NAME             stamped on every result (default: the folder of --model and "-tuned")
  --heads-only          keep what reads the spectrum as it is: for very few spectra
  --epochs N            default ${GENTLE.epochs}
  --rate R              peak learning rate (default ${GENTLE.learningRate})
${TRAINING_FLAGS_HELP}

Then calibrate, with the same --data and --model DIR, makes the gate's table for it: without one the processor refuses
it.`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      ...TRAINING_FLAGS,
      model: { type: 'string', default: 'spt' },
      out: { type: 'string' },
      id: { type: 'string' },
      'heads-only': { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(HELP);
  if (flags.data === undefined)
    throw new FatalError('Expected --data FILE|FOLDER with the spectra to go on with: see --help');
  const from = await flaggedModel(flags.model);
  const id = flags.id ?? `${basename(resolve(from))}-tuned`;
  const data = readTrainingData(flags.data, leftOut(flags));
  const plan = makeFineTuning({
    from,
    id,
    seed: wholeNumber('seed', flags.seed),
    recipe: recipeOf(flags, GENTLE),
    freezeBody: flags['heads-only'],
    train: data.train,
    val: data.val,
    provenance: { command: commandLine('fine-tune', args), files: data.files, splitRule: SPLIT_RULE },
  });
  const out = flags.out ?? `models/${id}`;
  await trainModel(out, plan, { resume: flags.resume, progress: consoleProgress() });
}
