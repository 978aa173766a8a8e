import { join } from 'node:path';
import { FatalError } from '../../../src/common/errors.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { onnxruntimeEngine } from '../../../src/model/onnxruntime-engine.ts';
import type { Epoch } from '../epoch.ts';
import { finishedModel, finishModel, startRun } from '../finish-model.ts';
import type { Progress } from '../progress.ts';
import { exportOnnx } from '../save-model.ts';
import type { TrainingPlan } from '../training-plan.ts';
import { exportPlan } from './export-plan.ts';
import { readTrained, requireSameAnswers } from './read-trained.ts';
import { runTrainer } from './run-trainer.ts';

/**
 * Trains SPT with PyTorch and writes its folder as `trainModel` does. The last epoch is kept.
 * @param options.python an interpreter that has PyTorch and NumPy; undefined installs one
 * @param options.from a folder with what was trained before by such a plan, in a folder of its id: trains nothing
 * @throws FatalError for a plan that this trainer cannot follow
 */
export async function trainWithPytorch(
  out: string,
  plan: TrainingPlan,
  options: {
    readonly python: string | undefined;
    readonly from: string | undefined;
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
  const asked = { ...plan, provenance: { ...plan.provenance, trainer: 'pytorch' } as const };
  const engineOf = (weights: ReadonlyMap<string, Float32Array>) =>
    onnxruntimeEngine(exportOnnx(network, weights), network);
  const run = startRun(asked, engineOf, progress);
  const finished = options.resume ? finishedModel(out, run, progress) : null;
  if (finished !== null) return finished;
  const folder =
    options.from === undefined ? await trainedAnew(plan, run, options.python) : join(options.from, plan.id);
  const trained = readTrained(folder, network);
  if (trained.curve.length !== recipe.epochs)
    throw new FatalError(
      `Expected ${folder} to be trained for --epochs ${recipe.epochs}, got ${trained.curve.length}: by another plan`,
    );
  await requireSameAnswers(trained, network);
  const scored = await run.score(trained.weights);
  const curve = trained.curve.map(([epoch, loss], i): Epoch => {
    const isLast = i === trained.curve.length - 1;
    return { epoch, loss, ...(isLast ? scored : { score: null, scores: {} }) };
  });
  return finishModel(out, run, { weights: trained.weights, curve, bestEpoch: recipe.epochs }, progress);
}

async function trainedAnew(
  plan: TrainingPlan,
  { training }: ReturnType<typeof startRun>,
  python: string | undefined,
): Promise<string> {
  const work = join('.cache', 'train-spt', plan.id);
  const out = join(work, 'out');
  exportPlan(
    work,
    plan,
    training.map(({ site }) => site),
  );
  await runTrainer(python, join(import.meta.dirname, 'train_spt.py'), [work, out]);
  return out;
}
