import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../src/bundle.ts';
import { FatalError } from '../../src/errors.ts';
import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import { predictorOn } from '../../src/model/load-model.ts';
import { loadTensorflow } from '../../src/model/load-tensorflow.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { graphOf } from '../../src/model/network.ts';
import { tfjsEngine } from '../../src/model/tfjs-engine.ts';
import { sha256 } from '../../src/sha256.ts';
import type { Site } from '../data/dataset.ts';
import { inputsOf } from '../data/inputs-of.ts';
import { seededRandom } from '../data/random.ts';
import { type DescriptorScore, overallScore, plainScore, scoreDescriptors } from '../evaluation/score.ts';
import { megaflop } from '../report/number-formats.ts';
import { augmenter } from './augment.ts';
import { bodyOf } from './body-of.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { countFlops } from './count-flops.ts';
import { describeTrainingSet } from './describe-training-set.ts';
import { readDistillationSources } from './distillation-sources.ts';
import type { Epoch } from './epoch.ts';
import { plotLearningCurve } from './plot-learning-curve.ts';
import type { Progress } from './progress.ts';
import { saveModel } from './save-model.ts';
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
  const referenceOf = (site: Site) => references.find(({ element }) => element === site.element)!;
  const training = inputsOf(plan.train, plan);
  const val = inputsOf(
    plan.val.filter(({ decoded }) => !decoded),
    plan,
  ); // never a score on decoded labels
  if (training.length === 0) throw new FatalError('Expected training spectra that cover the grid, got none');
  if (Object.keys({ ...network.classes, ...network.reals }).length === 0)
    throw new FatalError(
      'Expected training spectra with labels of a descriptor that is asked for (a class that three of them have, or two ' +
        'values of a real), got none: see --descriptors',
    );
  progress.say(
    `${training.length} of ${plan.train.length} training spectra cover the grid, ${val.length} to choose the epoch by; ` +
      `${network.architecture}, ${megaflop(countFlops(network))} a spectrum, seed ${seed}`,
  );

  const unknown = plan.train.filter(({ element }) => !network.elements.includes(element));
  if (unknown.length > 0)
    progress.say(
      `Left out: ${unknown.length} training spectra of ${[...new Set(unknown.map(({ element }) => element))].join(', ')}, ` +
        'whose edge is in no table (workbench/training/references.ts)',
    );

  const augment = augmenter(grid, recipe.augmentation);
  const examples = training.flatMap(({ site }) => {
    const example: Example = {
      labels: site.labels,
      weights: site.weights,
      input: () => augment(site, referenceOf(site), random),
    };
    return Array.from({ length: site.scale === 'feff10' ? recipe.repeat : 1 }, () => example);
  });
  const predictorWith = (weights: ReadonlyMap<string, Float32Array>) =>
    predictorOn(tfjsEngine('tfjs-node', network, weights, graphOf(network, bodyOf(network))), network);
  async function score(weights: ReadonlyMap<string, Float32Array>): Promise<readonly DescriptorScore[]> {
    if (val.length === 0) return [];
    const predictor = predictorWith(weights);
    const predictions = await predictor.predict(val.map(({ input }) => input));
    await predictor.close();
    return scoreDescriptors(
      predictions,
      val.map(({ site }) => site.labels),
    );
  }

  const run = {
    id: plan.id,
    seed,
    recipe,
    network,
    spectra: training.length,
    provenance: plan.provenance,
  };
  const fingerprint = sha256(JSON.stringify(run));
  const finished = options.resume ? finishedModel(out, fingerprint) : null;
  if (finished !== null) {
    progress.say(`${out}: already there`);
    return finished;
  }
  mkdirSync(out, { recursive: true });
  const known = options.resume ? readCheckpoint(out, run) : null;
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
      const scores = await score(state.values);
      const overall = overallScore(scores);
      if (isBest(overall, best.score)) {
        best = { epoch: state.epoch, score: overall };
        bestWeights = state.values;
      }
      curve.push({ epoch: state.epoch, loss, score: overall, scores: figuresOf(scores) });
      writeCheckpoint(out, run, { state, best: bestWeights, neighbourIndex: { curve, best } });
      progress.epoch(curve.at(-1)!, recipe.epochs, best.epoch);
    },
  });

  const predictor = predictorWith(bestWeights);
  const embedding = await describeTrainingSet(
    predictor,
    network,
    training.map(({ input }) => input),
  );
  await predictor.close();
  const manifest = await saveModel(
    out,
    {
      ...{ id: plan.id, grid, references, network },
      embedding,
      training: {
        ...plan.provenance,
        seed,
        ...recipe,
        bestEpoch: best.epoch,
        fingerprint,
        flops: countFlops(network),
        spectra: training.length,
        curve: curve.map(({ epoch, loss, score }) => [
          epoch,
          rounded(loss),
          score === null ? null : rounded(score),
        ]),
      },
      metrics: {
        validation: {
          spectra: val.length,
          overall: best.score,
          ...curve.find((e) => e.epoch === best.epoch)?.scores,
        },
      },
    },
    bestWeights,
    plan.golden,
  );
  await plotLearningCurve(curve, plan.id, join(out, 'learning-curve.svg'));
  rmSync(join(out, 'checkpoint.bin'));
  progress.say(`${out}: ${manifest.id}, weights ${manifest.hash.slice(0, 12)}, epoch ${best.epoch}`);
  return manifest;
}

/** The model of the very run that is asked for, if it was trained to its end. */
function finishedModel(out: string, fingerprint: string): Manifest | null {
  if (!existsSync(join(out, 'bundle.json'))) return null;
  const { manifest } = openBundle(out, { gate: 'optional' });
  return manifest.training.fingerprint === fingerprint ? manifest : null;
}

/** The last epoch is the best where none has a score; one without a score is never better than one that has. */
export function isBest(score: number | null, best: number | null): boolean {
  return best === null || (score !== null && score > best);
}

type Best = { readonly epoch: number; readonly score: number | null };

function figuresOf(scores: readonly DescriptorScore[]): Partial<Record<DescriptorName, number>> {
  const figures: Partial<Record<DescriptorName, number>> = {};
  for (const score of scores) {
    const value = plainScore(score);
    if (Number.isFinite(value)) figures[score.name] = rounded(value);
  }
  return figures;
}

const rounded = (value: number) => Math.round(value * 1e4) / 1e4;
