import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadTensorflow } from '../../src/model/load-tensorflow.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { graphOf } from '../../src/model/network.ts';
import { tfjsEngine } from '../../src/model/tfjs-engine.ts';
import type { Site } from '../data/dataset.ts';
import { seededRandom } from '../data/random.ts';
import { augmenter } from './augment.ts';
import { bodyOf } from './body-of.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { readDistillationSources } from './distillation-sources.ts';
import type { Epoch } from './epoch.ts';
import { finishedModel, finishModel, startRun } from './finish-model.ts';
import type { Progress } from './progress.ts';
import { type Example, trainNetwork } from './train-network.ts';
import type { TrainingPlan } from './training-plan.ts';

/**
 * Trains a network and writes its folder: weights, manifest, ONNX export, golden vectors and learning curve. After each
 * epoch a checkpoint is written there; with `resume`, training goes on from it and ends with the weights of a run
 * without a break.
 */
export async function trainModel(
  out: string,
  plan: TrainingPlan,
  options: { readonly resume: boolean; readonly progress: Progress },
): Promise<Manifest> {
  const tf = loadTensorflow('@tensorflow/tfjs-node');
  const { recipe, network, grid, references, seed, initial, frozen } = plan;
  const { progress } = options;
  const random = seededRandom(seed);
  const body = graphOf(network, bodyOf(network));
  const run = startRun(plan, (weights) => tfjsEngine('tfjs-node', network, weights, body), progress);
  const { training, identity } = run;

  const referenceOf = (site: Site) => references.find(({ element }) => element === site.element)!;
  const augment = augmenter(grid, recipe.augmentation);
  const examples = training.flatMap(({ site }) => {
    const example: Example = {
      labels: site.labels,
      weights: site.weights,
      input: () => augment(site, referenceOf(site), random),
    };
    return Array.from({ length: site.scale === 'feff10' ? recipe.repeat : 1 }, () => example);
  });
  const finished = options.resume ? finishedModel(out, run, progress) : null;
  if (finished !== null) return finished;
  mkdirSync(out, { recursive: true });
  const known = options.resume ? readCheckpoint(out, identity) : null;
  const neighbourIndex = known?.neighbourIndex as { curve: Epoch[]; best: Best } | undefined;
  const curve = neighbourIndex?.curve ?? [];
  let best = neighbourIndex?.best ?? { epoch: 0, score: null };
  let bestWeights: ReadonlyMap<string, Float32Array> = known?.best ?? new Map();
  if (known !== null) progress.say(`Going on after epoch ${known.state.epoch} of ${recipe.epochs}`);
  await trainNetwork(tf, network, examples, {
    epochs: recipe.epochs,
    batchSize: recipe.batchSize,
    learningRate: recipe.learningRate,
    weightDecay: recipe.weightDecay,
    random,
    ...(initial && { initial }),
    ...(frozen && { frozen }),
    ...(known && { resume: known.state }),
    ...(recipe.distillFrom.length > 0 && { distillFrom: readDistillationSources(recipe, network) }),
    afterStep: (step) => progress.step(step, recipe.epochs),
    async afterEpoch({ loss, state }) {
      const { score, scores } = await run.score(state.values);
      if (isBest(score, best.score)) {
        best = { epoch: state.epoch, score };
        bestWeights = state.values;
      }
      curve.push({ epoch: state.epoch, loss, score, scores });
      writeCheckpoint(out, identity, { state, best: bestWeights, neighbourIndex: { curve, best } });
      progress.epoch(curve.at(-1)!, recipe.epochs, best.epoch);
    },
  });
  const manifest = await finishModel(
    out,
    run,
    { weights: bestWeights, curve, bestEpoch: best.epoch },
    progress,
  );
  rmSync(join(out, 'checkpoint.bin'));
  return manifest;
}

/** The last epoch is the best where none has a score; one without a score is never better than one that has. */
export function isBest(score: number | null, best: number | null): boolean {
  return best === null || (score !== null && score > best);
}

type Best = { readonly epoch: number; readonly score: number | null };
