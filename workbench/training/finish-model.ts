import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../src/bundle/bundle.ts';
import { FatalError } from '../../src/common/errors.ts';
import { sha256 } from '../../src/common/sha256.ts';
import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { Engine } from '../../src/model/engine.ts';
import { type Predictor, predictorOn } from '../../src/model/load-model.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { inputsOf } from '../data/inputs-of.ts';
import { type DescriptorScore, overallScore, plainScore, scoreDescriptors } from '../evaluation/score.ts';
import { megaflop } from '../report/number-formats.ts';
import { countFlops } from './count-flops.ts';
import { describeTrainingSet } from './describe-training-set.ts';
import type { Epoch } from './epoch.ts';
import { plotLearningCurve } from './plot-learning-curve.ts';
import type { Progress } from './progress.ts';
import { saveModel } from './save-model.ts';
import type { TrainingPlan } from './training-plan.ts';

type Weights = ReadonlyMap<string, Float32Array>;

/** What every trainer needs of a plan, before it begins and after it has ended. */
export type Run = {
  readonly plan: TrainingPlan;
  readonly training: ReturnType<typeof inputsOf>;
  /** Never decoded ones: nothing is scored on these. */
  readonly val: ReturnType<typeof inputsOf>;
  /** All that decides it, and its sha256. */
  readonly identity: ReturnType<typeof identityOf>;
  readonly fingerprint: string;
  /** Score and figures on val; null and none without any. */
  score(weights: Weights): Promise<Pick<Epoch, 'score' | 'scores'>>;
  predictor(weights: Weights): Promise<Predictor>;
};

/**
 * Checks a plan and says what is trained.
 * @param engineOf what computes the network between and after epochs
 * @throws FatalError where nothing can be learned
 */
export function startRun(
  plan: TrainingPlan,
  engineOf: (weights: Weights) => Engine | Promise<Engine>,
  progress: Progress,
): Run {
  const { network, seed } = plan;
  const training = inputsOf(plan.train, plan);
  const val = inputsOf(
    plan.val.filter(({ decoded }) => !decoded),
    plan,
  );
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
  const predictor = async (weights: Weights) => predictorOn(await engineOf(weights), network);
  const identity = identityOf(plan, training.length);
  return {
    ...{ plan, training, val, identity, predictor },
    fingerprint: sha256(JSON.stringify(identity)),
    async score(weights) {
      if (val.length === 0) return { score: null, scores: {} };
      const asked = await predictor(weights);
      const predictions = await asked.predict(val.map(({ input }) => input));
      await asked.close();
      const scores = scoreDescriptors(
        predictions,
        val.map(({ site }) => site.labels),
      );
      return { score: overallScore(scores), scores: figuresOf(scores) };
    },
  };
}

const identityOf = ({ id, seed, recipe, network, provenance }: TrainingPlan, spectra: number) => {
  return { id, seed, recipe, network, spectra, provenance };
};

/** The model of the very run that is asked for, if it was trained to its end. */
export function finishedModel(out: string, { fingerprint }: Run, progress: Progress): Manifest | null {
  if (!existsSync(join(out, 'bundle.json'))) return null;
  const { manifest } = openBundle(out, { gate: 'optional' });
  if (manifest.training.fingerprint !== fingerprint) return null;
  progress.say(`${out}: already there`);
  return manifest;
}

/** Writes the folder of trained weights: weights, manifest, ONNX export, golden vectors and learning curve. */
export async function finishModel(
  out: string,
  { plan, training, val, predictor, fingerprint }: Run,
  trained: { readonly weights: Weights; readonly curve: readonly Epoch[]; readonly bestEpoch: number },
  progress: Progress,
): Promise<Manifest> {
  const { id, grid, references, network, seed, recipe } = plan;
  const { weights, curve, bestEpoch } = trained;
  const asked = await predictor(weights);
  const embedding = await describeTrainingSet(
    asked,
    network,
    training.map(({ input }) => input),
  );
  await asked.close();
  const best = curve.find(({ epoch }) => epoch === bestEpoch);
  const manifest = await saveModel(
    out,
    {
      ...{ id, grid, references, network, embedding },
      training: {
        ...plan.provenance,
        seed,
        ...recipe,
        bestEpoch,
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
        validation: { spectra: val.length, overall: best?.score ?? null, ...best?.scores },
      },
    },
    weights,
    plan.golden,
  );
  await plotLearningCurve(curve, id, join(out, 'learning-curve.svg'));
  progress.say(`${out}: ${manifest.id}, weights ${manifest.hash.slice(0, 12)}, epoch ${bestEpoch}`);
  return manifest;
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
