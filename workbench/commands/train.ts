import { parseFlags } from '../../src/cli/parse-flags.ts';
import { ARCHITECTURES } from '../../src/model/network-config.ts';
import { FOLD_NAMES } from '../data/folds.ts';
import { nameFlags } from '../name-flags.ts';
import { crossFit } from '../training/cross-fit.ts';
import { TRAINING_FLAGS_HELP } from '../training/flags.ts';
import { planFromFlags, TRAIN_FLAGS } from '../training/plan-from-flags.ts';
import { consoleProgress } from '../training/progress.ts';
import { TRAINERS, trainerOf } from '../training/trainer-of.ts';
import { RECIPE } from '../training/training-plan.ts';

/** What PyTorch made of each fold: weights, and answers that show whether they are read aright. */
const TRAINED = 'workbench/training/torch/trained';

const HELP = `Trains a model on computed spectra and writes weights, manifest, ONNX export, golden vectors and learning
curve.

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
  --distil-from A,B     models, by name or folder, whose mean answer to each varied spectrum is learned beside its
                        labels
  --distil-share P      their share of the loss (default ${RECIPE.distillationShare})
  --all-of A,B          sets whose test parts are trained on too: those that nothing is reported on
  --cross-fit           first train a model without each fifth of the materials, in .cache/cross-fit/<id>, so that
                        the gate is calibrated on what a model says of materials that it has not seen; then one on
                        all, val included
  --folds A,B           of these (${FOLD_NAMES.join(', ')}), train only A and B and stop, or none and go on: for
                        several processes at once
  --why TEXT            why this architecture: into the manifest
  --trainer NAME        ${TRAINERS.join(' or ')} (default: tensorflow). PyTorch trains SPT alone, in a quarter of the
                        time, keeps the last epoch, and begins anew after a break
  --python PATH         for pytorch: an interpreter that has PyTorch and NumPy (default: one that is installed into
                        .cache/torch)
  --from DIR            for pytorch: take what was trained by the same plan before, DIR/<id> or DIR/<id>-fold-N, and
                        train nothing. ${TRAINED} has the shipped model's cross-fit, for
                        --folds 0,1,2,3,4; that the plan is the same, data and all, is for you to see to
  --limit N             only about N of the training spectra, to try things out
${TRAINING_FLAGS_HELP}

Spectra are split by family, or by material where there is none; a file named train, val or test is that part. The
format of a line and what an error in it looks like: docs/workbench/training.md. TensorFlow comes from
\`npm run setup -- tensorflow\`.`;

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = parseFlags({ args, options: TRAIN_FLAGS });
  if (flags.help) return console.log(HELP);
  const folds = nameFlags('folds', flags.folds ?? FOLD_NAMES.join(','), [...FOLD_NAMES, 'none']);
  const plan = planFromFlags(flags, args);
  const progress = consoleProgress();
  const train = trainerOf(flags, progress);
  if (flags['cross-fit']) {
    for (const { fold, directory, plan: without } of crossFit(plan))
      if (folds.includes(String(fold))) await train(directory, without, true);
    if (flags.folds !== undefined && !folds.includes('none')) return;
  }
  await train(flags.out ?? `models/${plan.id}`, plan, flags.resume);
}
