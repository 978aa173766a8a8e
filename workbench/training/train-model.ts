import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../src/bundle.ts';
import { FatalError } from '../../src/errors.ts';
import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { ElementReference, EnergyGrid, ModelInput } from '../../src/messages/prepared.ts';
import { predictorOn } from '../../src/model/load-model.ts';
import { loadTensorflow } from '../../src/model/load-tensorflow.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { NetworkConfig } from '../../src/model/network-config.ts';
import { tfjsEngine } from '../../src/model/tfjs-engine.ts';
import type { TrainingRecord } from '../../src/model/training-record.ts';
import { sha256 } from '../../src/sha256.ts';
import { type Site, toInput } from '../data/dataset.ts';
import { seededRandom } from '../data/random.ts';
import { type DescriptorScore, overallScore, plainScore, scoreDescriptors } from '../evaluation/score.ts';
import { AUGMENTATION, type Augmentation, augmenter } from './augment.ts';
import { bodyOf } from './body-of.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { countFlops } from './count-flops.ts';
import { describeTrainingSet } from './describe-training-set.ts';
import type { Epoch } from './epoch.ts';
import { plotLearningCurve } from './plot-learning-curve.ts';
import type { Progress } from './progress.ts';
import { saveModel } from './save-model.ts';
import { type Example, trainNetwork } from './train-network.ts';

export type Recipe = {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly augmentation: Augmentation;
  /** How often a FEFF10 spectrum is seen in an epoch: few beside thousands. */
  readonly repeat: number;
  /** Folders of models whose mean answer is learned beside the labels, and its share of the loss. */
  readonly distillFrom: readonly string[];
  readonly distillationShare: number;
};

export const RECIPE: Recipe = {
  epochs: 60,
  batchSize: 64,
  learningRate: 0.0015,
  weightDecay: 0.02,
  augmentation: AUGMENTATION,
  repeat: 4,
  distillFrom: [],
  distillationShare: 0.7,
};

/** What the manifest is to tell of a training besides its recipe and its course. */
export type Provenance = Pick<
  TrainingRecord,
  | ('command' | 'files' | 'splitRule' | 'allOf' | 'crossFit' | 'families')
  | ('from' | 'without' | 'fold' | 'spectraHash' | 'why')
>;

export type TrainingPlan = {
  readonly id: string;
  readonly seed: number;
  readonly recipe: Recipe;
  readonly network: NetworkConfig;
  readonly grid: EnergyGrid;
  readonly references: readonly ElementReference[];
  readonly train: readonly Site[];
  /** Chooses the epoch, by the mean of weighted F1 and R2. Without any, the last epoch is kept. */
  readonly val: readonly Site[];
  readonly initial?: ReadonlyMap<string, Float32Array>;
  readonly frozen?: (parameter: string) => boolean;
  readonly provenance: Provenance;
  /** Kept in golden.json: spectra that may be copied. */
  readonly golden: readonly { readonly name: string; readonly input: ModelInput }[];
};

/**
 * Trains a network and writes its folder: weights, manifest, ONNX export, golden vectors and learning curve. After each epoch
 * a checkpoint is written there; with `resume`, training goes on from it and ends with the weights of a run without a break.
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
  const inputsOf = (sites: readonly Site[]) => {
    return sites.flatMap((site) => {
      const input = network.elements.includes(site.element) ? toInput(site, referenceOf(site), grid) : null;
      return input === null ? [] : [{ site, input }];
    });
  };
  const training = inputsOf(plan.train);
  const val = inputsOf(plan.val.filter(({ decoded }) => !decoded)); // never a score on decoded labels
  if (training.length === 0) throw new FatalError('Expected training spectra that cover the grid, got none');
  if (Object.keys({ ...network.classes, ...network.reals }).length === 0)
    throw new FatalError(
      'Expected training spectra with labels of a descriptor that is asked for (a class that three of them have, or two ' +
        'values of a real), got none: see --descriptors',
    );
  progress.say(
    `${training.length} of ${plan.train.length} training spectra cover the grid, ${val.length} to choose the epoch by; ` +
      `${network.architecture}, ${(countFlops(network) / 1e6).toFixed(2)} MFLOP a spectrum, seed ${seed}`,
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
    predictorOn(tfjsEngine('tfjs-node', network, weights, bodyOf(network)), network);
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

/** @throws FatalError when the answer of a distillation source would not fit the network's */
function readDistillationSources({ distillFrom, distillationShare }: Recipe, network: NetworkConfig) {
  const networks = distillFrom.map((directory) => {
    const { manifest, weights } = openBundle(directory, { gate: 'optional' });
    for (const part of ['offsetsEv', 'elements', 'classes', 'reals'] as const) {
      if (JSON.stringify(manifest.network[part]) !== JSON.stringify(network[part])) {
        throw new FatalError(
          `Expected distillation source ${directory} to have the network's ${part}: train it on the same data`,
        );
      }
    }
    return { config: manifest.network, weights };
  });
  return { networks, share: distillationShare };
}

function figuresOf(scores: readonly DescriptorScore[]): Partial<Record<DescriptorName, number>> {
  const figures: Partial<Record<DescriptorName, number>> = {};
  for (const score of scores) {
    const value = plainScore(score);
    if (Number.isFinite(value)) figures[score.name] = rounded(value);
  }
  return figures;
}

const rounded = (value: number) => Math.round(value * 1e4) / 1e4;
