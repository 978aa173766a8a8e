import type * as tfjs from '@tensorflow/tfjs-core';
import { type Initial, LAYER_NORM_EPSILON, LEAKY_SLOPE, type Ops, OUT } from './ops.ts';

export type Tf = typeof tfjs;

export type TfjsOptions = {
  readonly parameter: (name: string, shape: readonly number[], initial: Initial) => tfjs.Tensor;
  /** Constants by value, made once and kept: without it each call would build them again. */
  readonly constants?: Map<string, tfjs.Tensor>;
};

/** Computes with tfjs; call inside tf.tidy. */
export function tfjsOps(tf: Tf, options: TfjsOptions): Ops<tfjs.Tensor> {
  const { constants } = options;
  let constantCount = 0;
  const axisPads = (x: tfjs.Tensor, axis: number, before: number, after: number) =>
    x.shape.map((_, i): [number, number] => (i === axis ? [before, after] : [0, 0]));

  const matMul = (x: tfjs.Tensor, y: tfjs.Tensor): tfjs.Tensor => {
    if (x.rank === y.rank) return tf.matMul(x as tfjs.Tensor2D, y as tfjs.Tensor2D);
    const [b, l, n] = x.shape as [number, number, number];
    const product = tf.matMul(tf.reshape(x, [b * l, n]), y as tfjs.Tensor2D);
    return tf.reshape(product, [b, l, y.shape[1]!]);
  };

  return {
    parameter: options.parameter,
    constant(values, shape) {
      // A network asks for its constants in the same order each time: the count is their name.
      const key = String(constantCount++);
      const known = constants?.get(key);
      if (known !== undefined) return known;
      const made = tf.tensor(Float32Array.from(values), [...shape], 'float32');
      if (constants !== undefined) constants.set(key, tf.keep(made));
      return made;
    },
    add: (a, b) => tf.add(a, b),
    sub: (a, b) => tf.sub(a, b),
    mul: (a, b) => tf.mul(a, b),
    div: (a, b) => tf.div(a, b),
    maximum: (a, b) => tf.maximum(a, b),
    relu: (x) => tf.relu(x),
    leakyRelu: (x) => tf.maximum(x, tf.mul(x, LEAKY_SLOPE)), // tfjs-node has no kernel for the gradient of leakyRelu
    exp: (x) => tf.exp(x),
    log: (x) => tf.log(x),
    sqrt: (x) => tf.sqrt(x),
    softmax: (x) => tf.softmax(x),
    softmaxOfLargest: (x, k) => tf.softmax(tf.add(x, belowLargest(tf, x, k))),
    sum: (x, axis) => tf.sum(x, axis, true),
    matMul,
    affine: (x, kernel, bias) => tf.add(matMul(x, kernel), bias),
    conv1d: (x, kernel, bias) => {
      return tf.add(tf.conv1d(x as tfjs.Tensor3D, kernel as tfjs.Tensor3D, 1, 'same'), bias);
    },
    conv2d: (x, kernel, bias) => {
      return tf.add(tf.conv2d(x as tfjs.Tensor4D, kernel as tfjs.Tensor4D, 1, 'same'), bias);
    },
    maxPool1d(x) {
      const [b, l, c] = x.shape as [number, number, number];
      return tf.max(tf.reshape(x, [b, l / 2, 2, c]), 2);
    },
    layerNorm(x, scale, offset) {
      const mean = tf.mean(x, -1, true);
      const centred = tf.sub(x, mean);
      const variance = tf.mean(tf.square(centred), -1, true);
      return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, LAYER_NORM_EPSILON))), scale), offset);
    },
    transpose: (x) => tf.transpose(x, [0, 2, 1]),
    reshape: (x, shape) => tf.reshape(x, [...shape]),
    slice(x, axis, begin, end) {
      const from = x.shape.map((_, i) => (i === axis ? begin : 0));
      const size = x.shape.map((n, i) => (i === axis ? end - begin : n));
      return tf.slice(x, from, size);
    },
    concat: (xs, axis) => tf.concat([...xs], axis),
    pad: (x, axis, before, after) => tf.pad(x, axisPads(x, axis, before, after)),
    dropout: (x) => x,
  };
}

/** 0 for the k largest of the last axis, else OUT; which they are has no gradient. */
function belowLargest(tf: Tf, x: tfjs.Tensor, k: number): tfjs.Tensor {
  return tf.customGrad((value) => {
    const input = value as tfjs.Tensor;
    const { values } = tf.topk(input, k);
    const from = input.shape.map((_, axis) => (axis === input.rank - 1 ? k - 1 : 0));
    const smallest = tf.slice(values, from, [...input.shape.slice(0, -1), 1]);
    const below = tf.cast(tf.less(input, smallest), 'float32');
    return { value: tf.mul(below, OUT), gradFunc: () => tf.zerosLike(input) };
  })(x);
}
