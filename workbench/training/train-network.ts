import type * as tfjs from '@tensorflow/tfjs-core';
import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { ModelInput } from '../../src/messages/prepared.ts';
import { pack } from '../../src/model/load-model.ts';
import { normaliseInside, type RawOutput, trained } from '../../src/model/network.ts';
import type { NetworkConfig } from '../../src/model/network-config.ts';
import type { Initial } from '../../src/model/ops.ts';
import { type Tf, tfjsOps } from '../../src/model/tfjs-ops.ts';
import { type Random, type RandomState, shuffle } from '../data/random.ts';
import { adamW, type Moments } from './adamw.ts';
import { bodyOf } from './body-of.ts';
import { nativeGradients } from './native-gradients.ts';
import { type DistillationAnswers, type Labelled, lossOf } from './training-loss.ts';

/** A spectrum to learn from: `input` may differ at each call (augmentation). */
export type Example = Labelled & { input(): ModelInput };

/** Networks whose mean answer to the very spectrum at hand, noise and all, is learned beside the labels. */
export type DistillationSources = {
  readonly networks: readonly {
    readonly config: NetworkConfig;
    readonly weights: ReadonlyMap<string, Float32Array>;
  }[];
  /** Of the loss, between 0 and 1; the rest is for the labels. */
  readonly share: number;
};

/** Everything that training goes on from: after a restart the same numbers come out as without one. */
export type TrainingState = {
  readonly epoch: number;
  readonly step: number;
  readonly random: RandomState;
  readonly values: ReadonlyMap<string, Float32Array>;
  readonly moments: Moments;
};

export type TrainOptions = {
  readonly epochs: number;
  readonly batchSize: number;
  /** Peak of the cosine schedule, after a warm-up of two epochs. */
  readonly learningRate: number;
  readonly weightDecay: number;
  /** The same that the examples' augmentation draws from, so that a training run can be resumed. */
  readonly random: Random;
  /** Weights to start from; a parameter that is missing here begins anew. */
  readonly initial?: ReadonlyMap<string, Float32Array>;
  /** Parameters that stay as they are. */
  readonly frozen?: (name: string) => boolean;
  readonly distillFrom?: DistillationSources;
  readonly resume?: TrainingState;
  afterStep?(progress: { readonly epoch: number; readonly step: number; readonly steps: number }): void;
  afterEpoch(result: { readonly loss: number; readonly state: TrainingState }): Promise<void>;
};

/**
 * Trains all descriptors at once; a missing label adds nothing to the loss. Needs a tfjs with gradients (tfjs-node).
 */
export async function trainNetwork(
  tf: Tf,
  config: NetworkConfig,
  examples: readonly Example[],
  options: TrainOptions,
): Promise<void> {
  const { random, epochs, batchSize, resume } = options;
  const variables = new Map<string, tfjs.Variable>();
  const values = new Map<string, Float32Array>(); // of the variables
  const constants = new Map<string, tfjs.Tensor>();
  const optimiser = adamW({ weightDecay: options.weightDecay, ...(resume && { moments: resume.moments }) });
  const parameter = (name: string, shape: readonly number[], initial: Initial): tfjs.Tensor => {
    let variable = variables.get(name);
    if (variable === undefined) {
      const known = resume?.values.get(name) ?? options.initial?.get(name);
      const first = known?.slice() ?? initialValues(shape, initial, random);
      variable = tf.variable(tf.tensor(first.slice(), [...shape], 'float32'), true);
      variables.set(name, variable);
      values.set(name, first);
    }
    return variable;
  };
  const native = nativeGradients(tf, random);
  // Normalisation has nothing to learn: outside of what is differentiated, it costs no gradients.
  const spectrumOf = (input: InputTensors) =>
    normaliseInside(tfjsOps(tf, { parameter, constants }), input, config);
  const bodyConstants = new Map<string, tfjs.Tensor>();
  const bodyOps = () => ({ ...tfjsOps(tf, { parameter, constants: bodyConstants }), ...native });
  const answer = (spectrum: tfjs.Tensor, element: tfjs.Tensor) =>
    trained(bodyOps(), spectrum, element, config, bodyOf(config));
  const teach = options.distillFrom === undefined ? null : distillationOf(tf, options.distillFrom);
  tf.tidy(() => {
    const input = tensors(tf, [examples[0]!.input()], config);
    answer(spectrumOf(input), input.element); // makes the variables
  });
  const learning = [...variables].filter(([name]) => options.frozen?.(name) !== true);

  const steps = Math.ceil(examples.length / batchSize);
  let stepsDone = resume?.step ?? 0;
  for (let epoch = (resume?.epoch ?? 0) + 1; epoch <= epochs; epoch++) {
    if (resume !== undefined && epoch === resume.epoch + 1) random.restore(resume.random);
    const order = shuffle(examples, random);
    let total = 0;
    for (let step = 0; step < steps; step++) {
      const batch = order.slice(step * batchSize, (step + 1) * batchSize);
      const rate = options.learningRate * schedule((epoch - 1 + step / steps) / epochs, 2 / epochs);
      stepsDone++;
      total += tf.tidy(() => {
        const inputs = batch.map((example) => example.input());
        const input = tensors(tf, inputs, config);
        const spectrum = spectrumOf(input);
        const plan = teach === null ? null : { answers: teach(input), share: options.distillFrom!.share };
        const { value, grads } = tf.variableGrads(
          () => lossOf(tf, answer(spectrum, input.element), batch, config, plan),
          learning.map(([, variable]) => variable),
        );
        for (const [name, variable] of learning) {
          const now = values.get(name)!;
          const gradient = grads[variable.name]!.dataSync<'float32'>();
          optimiser.update(name, now, gradient, { rate, step: stepsDone, decays: variable.rank > 1 });
          variable.assign(tf.tensor(now.slice(), variable.shape));
        }
        return value.dataSync()[0]!;
      });
      options.afterStep?.({ epoch, step: step + 1, steps });
    }
    const copy = new Map([...values].map(([name, now]) => [name, now.slice()]));
    const state = {
      epoch,
      step: stepsDone,
      random: random.state(),
      values: copy,
      moments: optimiser.moments,
    };
    await options.afterEpoch({ loss: total / steps, state });
  }
  for (const kept of [variables, constants, bodyConstants])
    for (const tensor of kept.values()) tensor.dispose();
  teach?.dispose();
}

/** 0 to 1 over the warm-up, then half a cosine down to 0.01. */
export function schedule(progress: number, warmUp: number): number {
  if (progress < warmUp) return Math.max(progress / warmUp, 0.02);
  return 0.01 + 0.99 * 0.5 * (1 + Math.cos((Math.PI * (progress - warmUp)) / (1 - warmUp)));
}

type InputTensors = { readonly mu: tfjs.Tensor; readonly mask: tfjs.Tensor; readonly element: tfjs.Tensor };

function tensors(tf: Tf, inputs: readonly ModelInput[], config: NetworkConfig): InputTensors {
  const { size, mu, mask, element } = pack(inputs, config);
  const bins = config.offsetsEv.length;
  return {
    mu: tf.tensor(mu, [size, bins]),
    mask: tf.tensor(mask, [size, bins]),
    element: tf.tensor(element, [size, config.elements.length]),
  };
}

function distillationOf(tf: Tf, { networks }: DistillationSources) {
  const held = networks.map(({ config, weights }) => {
    const parameters = new Map<string, tfjs.Tensor>();
    const constants = new Map<string, tfjs.Tensor>();
    const parameter = (name: string, shape: readonly number[]) => {
      let tensor = parameters.get(name);
      if (tensor === undefined) {
        tensor = tf.keep(tf.tensor(weights.get(name)!, [...shape], 'float32'));
        parameters.set(name, tensor);
      }
      return tensor;
    };
    const answer = (input: InputTensors): RawOutput<tfjs.Tensor> => {
      const ops = tfjsOps(tf, { parameter, constants });
      return trained(ops, normaliseInside(ops, input, config), input.element, config, bodyOf(config));
    };
    return { answer, kept: [parameters, constants] };
  });
  const mean = (parts: readonly tfjs.Tensor[]) => tf.div(tf.addN([...parts]), parts.length);
  function teach(input: InputTensors): DistillationAnswers {
    const raw = held.map(({ answer }) => answer(input));
    const answers: Partial<Record<DescriptorName, tfjs.Tensor>> = {};
    for (const name of Object.keys(raw[0]!.logits) as DescriptorName[])
      answers[name] = mean(raw.map(({ logits }) => tf.softmax(logits[name]!)));
    for (const name of Object.keys(raw[0]!.reals) as DescriptorName[])
      answers[name] = mean(raw.map(({ reals }) => reals[name]!.mean));
    return answers;
  }
  const dispose = () => {
    for (const { kept } of held)
      for (const part of kept) for (const tensor of part.values()) tensor.dispose();
  };
  return Object.assign(teach, { dispose });
}

export function initialValues(shape: readonly number[], initial: Initial, random: Random): Float32Array {
  const size = shape.reduce((a, b) => a * b, 1);
  if (initial === 'zeros') return new Float32Array(size);
  if (initial === 'ones') return new Float32Array(size).fill(1);
  const outputs = shape[shape.length - 1]!;
  const receptive = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  const fanIn = (shape[shape.length - 2] ?? 1) * receptive;
  const variance = initial === 'he' ? 2 / fanIn : 2 / (fanIn + outputs * receptive);
  return Float32Array.from({ length: size }, () => Math.sqrt(variance) * random.normal());
}
