import type * as tfjs from '@tensorflow/tfjs-core';
import { MEAN_NAMES, type MeanName, WITHIN } from '../../../src/messages/prediction.ts';
import { meanOfShares, type RawSiteMean, type SiteMeansConfig } from '../../../src/model/site-means.ts';
import { type Tf, tfjsOps } from '../../../src/model/tfjs-ops.ts';
import { labelsOf, type Mixture } from './draw-mixtures.ts';

/** What each part of the loss weighs: shares have 1. */
const WEIGHTS = { within: 0.7, square: 0.5, likelihood: 0.3, mixed: 0.3 } as const;
/** A square error counts up to here: labels are sometimes wrong. */
const LARGEST_SQUARE = 4;

/**
 * Cross-entropy of the shares with those of the mixture, and of the class within whose quarter the mean lies; square
 * error of the mean; Laplace's likelihood of sigma given that mean, whose gradient does not reach the mean (a Gauss'
 * would let few wrong labels drive it); whether sites differ. Each is a weighted mean over the examples that have the
 * label.
 */
export function siteMeansLoss(
  tf: Tf,
  raw: Record<MeanName, RawSiteMean<tfjs.Tensor>>,
  batch: readonly Mixture[],
  { classes }: SiteMeansConfig,
): tfjs.Scalar {
  const ops = tfjsOps(tf, { parameter: () => tf.scalar(0) });
  const known = batch.map((mixture) => labelsOf(mixture));
  const column = (of: (row: number) => number) =>
    tf.tensor(
      Float32Array.from(batch, (_, row) => of(row)),
      [batch.length, 1],
    );
  const terms = MEAN_NAMES.flatMap((name) => {
    const own = classes[name];
    // A class that is too rare to be learned takes its example out.
    const weight = batch.map(({ sites }, row) =>
      sites.every(({ labels }) => own.includes(labels[name] ?? Number.NaN))
        ? (known[row]![name]?.weight ?? 0)
        : 0,
    );
    const total = weight.reduce((a, b) => a + b, 0);
    if (total === 0) return [];
    const weights = tf.div(
      column((row) => weight[row]!),
      total,
    );
    const weighted = (perExample: tfjs.Tensor, factor: number) =>
      tf.mul(tf.sum(tf.mul(perExample, weights)), factor);

    const shares = new Float32Array(batch.length * own.length); // [batch, classes]
    const within = new Float32Array(batch.length * (own.length + 1)); // [batch, classes + 1]
    batch.forEach(({ sites, shares: parts }, row) => {
      if (weight[row] === 0) return;
      sites.forEach(({ labels }, k) => {
        shares[row * own.length + own.indexOf(labels[name]!)]! += parts[k]!;
      });
      const near = own.findIndex((value) => Math.abs(known[row]![name]!.mean - value) <= WITHIN);
      within[row * (own.length + 1) + (near < 0 ? own.length : near)] = 1;
    });
    const crossEntropy = (logits: tfjs.Tensor, target: Float32Array) =>
      tf.neg(
        tf.sum(tf.mul(tf.logSoftmax(logits), tf.tensor(target, logits.shape as [number, number])), 1, true),
      );
    const { shares: logits, within: nearLogits, logSigma, mixed } = raw[name];
    const mean = meanOfShares(ops, logits, own);
    const truth = column((row) => known[row]![name]?.mean ?? 0);
    const square = tf.squaredDifference(mean, truth);
    const scaled = tf.div(tf.sqrt(detached(tf, square)), tf.exp(logSigma));
    const differ = column((row) => (known[row]![name]?.differ ? 1 : 0));
    return [
      weighted(crossEntropy(logits, shares), 1),
      weighted(crossEntropy(nearLogits, within), WEIGHTS.within),
      weighted(tf.minimum(square, LARGEST_SQUARE), WEIGHTS.square),
      weighted(tf.add(scaled, logSigma), WEIGHTS.likelihood),
      weighted(tf.sub(tf.softplus(mixed), tf.mul(mixed, differ)), WEIGHTS.mixed),
    ];
  });
  return tf.addN(terms) as tfjs.Scalar;
}

/** The value without its gradient. */
function detached(tf: Tf, x: tfjs.Tensor): tfjs.Tensor {
  return tf.customGrad((value) => {
    const input = value as tfjs.Tensor;
    return { value: input.clone(), gradFunc: () => tf.zerosLike(input) };
  })(x);
}
