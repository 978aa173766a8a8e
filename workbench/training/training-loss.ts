import type * as tfjs from '@tensorflow/tfjs-core';
import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { RawOutput } from '../../src/model/network.ts';
import type { NetworkConfig } from '../../src/model/network-config.ts';
import type { Tf } from '../../src/model/tfjs-ops.ts';

export type Labelled = {
  readonly labels: Readonly<Partial<Record<DescriptorName, number>>>;
  readonly weights: Readonly<Partial<Record<DescriptorName, number>>>;
};

/**
 * The mean of the distillation sources: probabilities [batch, classes], and reals as (value - mean) / scale [batch, 1].
 */
export type DistillationAnswers = Readonly<Partial<Record<DescriptorName, tfjs.Tensor>>>;

/**
 * Cross-entropy of the classes, and for reals the squared error of the mean plus the Gaussian likelihood of sigma given
 * that mean (the mean's gradient does not pass through sigma, which would make it give up on hard spectra). With
 * distillation, their probabilities and means are targets as the labels are, for the same spectra.
 */
export function lossOf(
  tf: Tf,
  raw: RawOutput<tfjs.Tensor>,
  batch: readonly Labelled[],
  config: NetworkConfig,
  plan: { readonly answers: DistillationAnswers; readonly share: number } | null,
): tfjs.Scalar {
  const hard = 1 - (plan?.share ?? 0);
  const weightsOf = (name: DescriptorName, known: (value: number) => boolean) => {
    const weight = batch.map(({ labels, weights }) => {
      const label = labels[name];
      return label !== undefined && known(label) ? (weights[name] ?? 1) : 0;
    });
    return tf.tensor(weight, [batch.length, 1]);
  };
  const terms: tfjs.Tensor[] = [];
  for (const [key, logits] of Object.entries(raw.logits)) {
    const name = key as DescriptorName;
    const classes = config.classes[name]!;
    const labels = new Float32Array(batch.length * classes.length); // [batch, classes]
    batch.forEach((example, row) => {
      const index = classes.indexOf(example.labels[name] ?? Number.NaN);
      if (index >= 0) labels[row * classes.length + index] = 1;
    });
    let target: tfjs.Tensor = tf.tensor(labels, [batch.length, classes.length]);
    const taught = plan?.answers[name];
    if (taught !== undefined) target = tf.add(tf.mul(target, hard), tf.mul(taught, 1 - hard));
    const weighted = tf.mul(
      target,
      weightsOf(name, (label) => classes.includes(label)),
    );
    terms.push(tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), weighted))));
  }
  for (const [key, { mean, logSigma }] of Object.entries(raw.reals)) {
    const name = key as DescriptorName;
    const real = config.reals[name]!;
    const truth = batch.map(({ labels }) => ((labels[name] ?? real.mean) - real.mean) / real.scale);
    const target = tf.tensor(truth, [batch.length, 1]);
    const fixed = tf.squaredDifference(detached(tf, mean), target);
    const likelihood = tf.add(tf.mul(0.5, tf.div(fixed, tf.exp(tf.mul(2, logSigma)))), logSigma);
    const taught = plan?.answers[name];
    const towards = taught === undefined ? target : tf.add(tf.mul(target, hard), tf.mul(taught, 1 - hard));
    const term = tf.add(tf.squaredDifference(mean, towards), tf.mul(0.1, likelihood));
    terms.push(tf.sum(tf.mul(term, weightsOf(name, Number.isFinite))));
  }
  return tf.div(tf.addN(terms), batch.length) as tfjs.Scalar;
}

/** The value without its gradient. */
function detached(tf: Tf, x: tfjs.Tensor): tfjs.Tensor {
  return tf.customGrad((value) => {
    const input = value as tfjs.Tensor;
    return { value: input.clone(), gradFunc: () => tf.zerosLike(input) };
  })(x);
}
