import { join } from 'node:path';
import { FatalError } from '../../../src/errors.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { onnxruntimeEngine } from '../../../src/model/onnxruntime-engine.ts';
import type { Epoch } from '../epoch.ts';
import { finishedModel, finishModel, type Run, startRun } from '../finish-model.ts';
import type { Progress } from '../progress.ts';
import { exportOnnx } from '../save-model.ts';
import type { Recipe, TrainingPlan } from '../training-plan.ts';
import { exportPlan } from './export-plan.ts';
import { readTrained, requireSameAnswers, type Trained } from './read-trained.ts';
import { runTrainer } from './run-trainer.ts';

/**
 * Trains SPT with PyTorch and writes its folder as `trainModel` does. The last epoch is kept.
 * @param options.python an interpreter that has PyTorch and NumPy; undefined installs one
 * @param options.from what train_distilled.py wrote of this plan, elsewhere: nothing is trained
 * @throws FatalError for a plan that this trainer cannot follow
 */
export async function trainWithPytorch(
  out: string,
  plan: TrainingPlan,
  options: {
    readonly python: string | undefined;
    readonly from?: string | undefined;
    readonly resume: boolean;
    readonly progress: Progress;
  },
): Promise<Manifest> {
  const { network, recipe } = plan;
  if (network.architecture !== 'spt')
    throw new FatalError(`--trainer pytorch: Expected --architecture spt, got ${network.architecture}`);
  if (recipe.distillFrom.length > 0)
    throw new FatalError(
      '--trainer pytorch: Expected no --distil-from, which --trainer tensorflow knows alone',
    );
  const { progress } = options;
  const made = options.from === undefined ? null : readTrained(options.from, network);
  const asked: TrainingPlan = {
    ...plan,
    recipe: { ...recipe, ...(made !== null && recipeOf(made)) },
    provenance: {
      ...plan.provenance,
      trainer: 'pytorch',
      ...(made?.teachers && { teachers: made.teachers }),
    },
  };
  const engineOf = (weights: ReadonlyMap<string, Float32Array>) =>
    onnxruntimeEngine(exportOnnx(network, weights), network);
  const run = startRun(asked, engineOf, progress);
  const finished = options.resume ? finishedModel(out, run, progress) : null;
  if (finished !== null) return finished;
  const trained = made ?? (await trainedHere(run, plan, options.python));
  await requireSameAnswers(trained, network);
  const scored = await run.score(trained.weights);
  const curve = trained.curve.map(([epoch, loss], i): Epoch => {
    const isLast = i === trained.curve.length - 1;
    return { epoch, loss, ...(isLast ? scored : { score: null, scores: {} }) };
  });
  const bestEpoch = asked.recipe.epochs;
  return finishModel(out, run, { weights: trained.weights, curve, bestEpoch }, progress);
}

async function trainedHere(
  { training }: Run,
  plan: TrainingPlan,
  python: string | undefined,
): Promise<Trained> {
  const work = join('.cache', 'train-spt', plan.id);
  const sites = training.map(({ site }) => site);
  exportPlan(work, plan, sites);
  await runTrainer(python, join(import.meta.dirname, 'train_spt.py'), [work, join(work, 'out')]);
  return readTrained(join(work, 'out'), plan.network);
}

/** What of a recipe was done otherwise where it was done. */
function recipeOf({ epochs, batch, rate }: Trained): Partial<Recipe> {
  return {
    ...(epochs !== undefined && { epochs }),
    ...(batch !== undefined && { batchSize: batch }),
    ...(rate !== undefined && { learningRate: rate }),
  };
}
