import type * as tfjs from '@tensorflow/tfjs-core';
import type { DescriptorName } from '../messages/descriptor-names.ts';
import type { ModelInput } from '../messages/prepared.ts';
import { adamW } from './adamw.ts';
import { pack } from './load-model.ts';
import { network } from './network.ts';
import type { NetworkConfig } from './network-config.ts';
import type { Initial } from './ops.ts';
import { type Random, shuffle } from './random.ts';
import { type Tf, tfjsOps } from './tfjs-ops.ts';

/** A spectrum to learn from: `input` may differ at each call (augmentation). */
export type Example = {
  input(): ModelInput;
  readonly labels: Readonly<Partial<Record<DescriptorName, number>>>;
  readonly weights: Readonly<Partial<Record<DescriptorName, number>>>;
};

export type TrainOptions = {
  readonly epochs: number;
  readonly batchSize: number;
  /** Peak of the cosine schedule, after a warm-up of two epochs. */
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly random: Random;
  /** Weights to start from; new ones where absent. */
  readonly initial?: ReadonlyMap<string, Float32Array>;
  /** Called after each epoch with the weights as they are. */
  afterEpoch(state: { epoch: number; loss: number; weights(): Map<string, Float32Array> }): Promise<void>;
};

/** Trains all descriptors at once; a missing label adds nothing to the loss. Needs a tfjs with gradients (tfjs-node). */
export async function trainNetwork(
  tf: Tf,
  config: NetworkConfig,
  examples: readonly Example[],
  options: TrainOptions,
): Promise<void> {
  const { random, epochs, batchSize } = options;
  const variables = new Map<string, tfjs.Variable>();
  const constants = new Map<string, tfjs.Tensor>();
  const optimiser = adamW(tf, { weightDecay: options.weightDecay });
  const parameter = (name: string, shape: readonly number[], initial: Initial): tfjs.Tensor => {
    let variable = variables.get(name);
    if (variable === undefined) {
      const values = options.initial?.get(name) ?? initialValues(shape, initial, random);
      // Not under tidy: a variable lives until training ends.
      variable = tf.variable(tf.tensor(values, [...shape], 'float32'), true);
      variables.set(name, variable);
    }
    return variable;
  };
  const ops = () => tfjsOps(tf, { parameter, constants, training: true });
  tf.tidy(() => network(ops(), tensors(tf, [examples[0]!.input()], config), config)); // makes the variables

  const steps = Math.ceil(examples.length / batchSize);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = shuffle(examples, random);
    let total = 0;
    for (let step = 0; step < steps; step++) {
      const batch = order.slice(step * batchSize, (step + 1) * batchSize);
      const rate = options.learningRate * schedule((epoch - 1 + step / steps) / epochs, 2 / epochs);
      total += tf.tidy(() => {
        const inputs = tensors(
          tf,
          batch.map((example) => example.input()),
          config,
        );
        const { value, grads } = tf.variableGrads(
          () => lossOf(tf, network(ops(), inputs, config), batch, config),
          [...variables.values()],
        );
        optimiser.apply(variables, grads, rate);
        return value.dataSync()[0]!;
      });
    }
    const weights = () => new Map([...variables].map(([name, v]) => [name, v.dataSync<'float32'>().slice()]));
    await options.afterEpoch({ epoch, loss: total / steps, weights });
  }
  optimiser.dispose();
  for (const tensor of [...variables.values(), ...constants.values()]) tensor.dispose();
}

/** 0 to 1 over the warm-up, then half a cosine down to 0.01. */
function schedule(progress: number, warmUp: number): number {
  if (progress < warmUp) return Math.max(progress / warmUp, 0.02);
  return 0.01 + 0.99 * 0.5 * (1 + Math.cos((Math.PI * (progress - warmUp)) / (1 - warmUp)));
}

function tensors(tf: Tf, inputs: readonly ModelInput[], config: NetworkConfig) {
  const { size, mu, mask, element } = pack(inputs, config);
  const bins = config.offsetsEv.length;
  return {
    mu: tf.tensor(mu, [size, bins]),
    mask: tf.tensor(mask, [size, bins]),
    element: tf.tensor(element, [size, config.elements.length]),
  };
}

/**
 * Cross-entropy of the classes, and for reals the squared error of the mean plus the Gaussian likelihood of sigma given
 * that mean (the mean's gradient does not pass through sigma, which would make it give up on hard spectra).
 */
function lossOf(
  tf: Tf,
  raw: ReturnType<typeof network<tfjs.Tensor>>,
  batch: readonly Example[],
  config: NetworkConfig,
): tfjs.Scalar {
  const terms: tfjs.Tensor[] = [];
  for (const [key, logits] of Object.entries(raw.logits)) {
    const name = key as DescriptorName;
    const classes = config.classes[name]!;
    const target = new Float32Array(batch.length * classes.length);
    batch.forEach(({ labels, weights }, row) => {
      const index = classes.indexOf(labels[name] ?? Number.NaN);
      if (index >= 0) target[row * classes.length + index] = weights[name] ?? 1;
    });
    const logProbabilities = tf.logSoftmax(logits);
    const entropy = tf.neg(
      tf.sum(tf.mul(logProbabilities, tf.tensor(target, [batch.length, classes.length]))),
    );
    terms.push(tf.div(entropy, batch.length));
  }
  for (const [key, { mean, logSigma }] of Object.entries(raw.reals)) {
    const name = key as DescriptorName;
    const real = config.reals[name]!;
    const weight = Float32Array.from(batch, ({ labels, weights }) => {
      return labels[name] === undefined ? 0 : (weights[name] ?? 1);
    });
    const truth = Float32Array.from(
      batch,
      ({ labels }) => ((labels[name] ?? real.mean) - real.mean) / real.scale,
    );
    const weights = tf.tensor(weight, [batch.length, 1]);
    const target = tf.tensor(truth, [batch.length, 1]);
    const squared = tf.squaredDifference(mean, target);
    const fixed = tf.squaredDifference(detached(tf, mean), target);
    const likelihood = tf.add(tf.mul(0.5, tf.div(fixed, tf.exp(tf.mul(2, logSigma)))), logSigma);
    const term = tf.add(squared, tf.mul(0.1, likelihood));
    terms.push(tf.div(tf.sum(tf.mul(weights, term)), batch.length));
  }
  return tf.addN(terms) as tfjs.Scalar;
}

/** The value without its gradient. */
function detached(tf: Tf, x: tfjs.Tensor): tfjs.Tensor {
  return tf.customGrad((value) => {
    const input = value as tfjs.Tensor;
    return { value: input.clone(), gradFunc: () => tf.zerosLike(input) };
  })(x);
}

function initialValues(shape: readonly number[], initial: Initial, random: Random): Float32Array {
  const size = shape.reduce((a, b) => a * b, 1);
  if (initial === 'zeros') return new Float32Array(size);
  if (initial === 'ones') return new Float32Array(size).fill(1);
  const outputs = shape[shape.length - 1]!;
  const receptive = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  const fanIn = (shape[shape.length - 2] ?? 1) * receptive;
  const variance = initial === 'he' ? 2 / fanIn : 2 / (fanIn + outputs * receptive);
  return Float32Array.from({ length: size }, () => Math.sqrt(variance) * random.normal());
}
