import { parseFlags } from '../../src/cli/parse-flags.ts';
import { FatalError } from '../../src/errors.ts';
import { ARCHITECTURES, type Architecture } from '../../src/model/network-config.ts';
import type { Site } from '../data/dataset.ts';
import { CROSS_VALIDATION } from '../data/folds.ts';
import { learnedSites, readTrainingData, SPLIT_RULE } from '../data/training-data.ts';
import { number, wholeNumber } from '../number-flags.ts';
import { crossFit } from '../training/cross-fit.ts';
import {
  commandLine,
  dataFolders,
  descriptorList,
  recipeOf,
  TRAINING_FLAGS,
  TRAINING_FLAGS_HELP,
} from '../training/flags.ts';
import { makeTrainingPlan } from '../training/make-training-plan.ts';
import { consoleProgress } from '../training/progress.ts';
import { RECIPE, trainModel } from '../training/train-model.ts';

const HELP = `Trains a model on computed spectra and writes weights, manifest, ONNX export, golden vectors and learning curve.

  npm run workbench -- train [options]

  --out DIR             where the model goes (default: models/<id>)
  --id NAME             stamped on every result (default: architecture and seed)
  --architecture NAME   ${ARCHITECTURES.join(', ')} (default: spt)
  --descriptors A,B     learn these alone: an expert has one (default: all, jointly)
  --epochs N            default ${RECIPE.epochs}
  --rate R              peak learning rate (default ${RECIPE.learningRate})
  --dropout P           default 0.2
  --channels N          width of the convolutions (default 32)
  --features N          width of the shared representation (default 128)
  --distil-from DIR,DIR models whose mean answer to each varied spectrum is learned beside its labels
  --distil-share P      their share of the loss (default ${RECIPE.distillationShare})
  --all-of A,B          sets whose test parts are trained on too: those that nothing is reported on
  --cross-fit           first train a model without each fifth of the materials, in .cache/cross-fit/<id>, so that the gate
                        is calibrated on what a model says of materials that it has not seen; then one on all, val included
  --folds A,B           of these, train only A and B (0 to ${CROSS_VALIDATION.folds - 1}) and stop, or none and go on: for several processes at once
  --why TEXT            why this architecture: into the manifest
  --limit N             only about N of the training spectra, to try things out
${TRAINING_FLAGS_HELP}

Spectra are split by family, or by material where there is none; a file named train, val or test is that part. The format
of a line and what an error in it looks like: docs/training.md. TensorFlow comes from \`npm run setup -- tensorflow\`.`;

/** Prototype families that were kept back. */
function familiesOf(sites: readonly Site[]): readonly string[] {
  return [...new Set(sites.flatMap(({ group, material }) => (group === material ? [] : [group])))];
}

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({
    args,
    options: {
      ...TRAINING_FLAGS,
      out: { type: 'string' },
      id: { type: 'string' },
      architecture: { type: 'string', default: 'spt' },
      descriptors: { type: 'string' },
      dropout: { type: 'string', default: '0.2' },
      channels: { type: 'string', default: '32' },
      features: { type: 'string', default: '128' },
      'distil-from': { type: 'string' },
      'distil-share': { type: 'string', default: String(RECIPE.distillationShare) },
      limit: { type: 'string' },
      'all-of': { type: 'string', default: '' },
      'cross-fit': { type: 'boolean', default: false },
      folds: { type: 'string' },
      why: { type: 'string' },
    },
  });
  if (flags.help) return console.log(HELP);
  const architecture = flags.architecture as Architecture;
  if (!ARCHITECTURES.includes(architecture))
    throw new FatalError(`Expected --architecture to be ${ARCHITECTURES.join(', ')}, got ${architecture}`);
  const seed = wholeNumber('seed', flags.seed);
  const id = flags.id ?? `${architecture}-${seed}`;
  const data = readTrainingData(dataFolders(flags), flags['leave-out'].split(','));
  const wholly = flags['all-of'].split(',');
  const all = learnedSites(data, wholly, flags['cross-fit']);
  const every = flags.limit === undefined ? 1 : Math.ceil(all.length / wholeNumber('limit', flags.limit));

  const plan = makeTrainingPlan({
    id,
    seed,
    architecture,
    recipe: {
      ...recipeOf(flags),
      distillFrom: flags['distil-from']?.split(',') ?? [],
      distillationShare: number('distil-share', flags['distil-share'], 0),
    },
    size: {
      channels: wholeNumber('channels', flags.channels),
      features: wholeNumber('features', flags.features),
      dropout: number('dropout', flags.dropout, 0),
    },
    descriptors: descriptorList(flags.descriptors),
    train: all.filter((_, i) => i % every === 0),
    val: flags['cross-fit'] ? [] : data.val,
    provenance: {
      command: commandLine('train', args),
      files: data.files,
      splitRule: SPLIT_RULE,
      allOf: wholly.filter((name) => name !== ''),
      crossFit: flags['cross-fit'],
      ...(flags.why !== undefined && { why: flags.why }),
      families: {
        val: flags['cross-fit'] ? [] : familiesOf(data.val),
        test: familiesOf(data.test.filter((site) => !all.includes(site))),
      },
    },
    copiable: data.test.filter(({ scale }) => scale === 'feff10'), // ours, or the user's own
  });
  const progress = consoleProgress();
  if (flags['cross-fit']) {
    const wanted = flags.folds?.split(',');
    for (const { fold, directory, plan: without } of crossFit(plan)) {
      if (wanted?.includes(String(fold)) === false) continue;
      await trainModel(directory, without, { resume: true, progress });
    }
    if (wanted !== undefined && flags.folds !== 'none') return;
  }
  await trainModel(flags.out ?? `models/${id}`, plan, { resume: flags.resume, progress });
}
