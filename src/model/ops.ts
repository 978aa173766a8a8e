/**
 * The few tensor operations that the networks are written in. A network is written once, over these, and read twice: by
 * tfjs-ops.ts, which computes (and differentiates), and by onnx-ops.ts, which writes the same graph down for export.
 * Shapes broadcast as in numpy; the first axis is the batch, of unknown size, so shapes given here begin with -1.
 */
export type Ops<T> = {
  /** A trained array: the same name is the same array in every engine. */
  parameter(name: string, shape: readonly number[], initial: Initial): T;
  constant(values: Float32Array | readonly number[], shape: readonly number[]): T;
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  div(a: T, b: T): T;
  maximum(a: T, b: T): T;
  relu(x: T): T;
  leakyRelu(x: T): T;
  exp(x: T): T;
  /** Natural; x is above zero. */
  log(x: T): T;
  sqrt(x: T): T;
  /** Over the last axis. */
  softmax(x: T): T;
  /** Over the k largest of the last axis (more where they tie), the others zero. */
  softmaxOfLargest(x: T, k: number): T;
  /** Keeps the axis with size 1. */
  sum(x: T, axis: number): T;
  /** [batch, n] or [batch, l, n] times [n, m], or [batch, l, n] times [batch, n, m]. */
  matMul(x: T, y: T): T;
  /** [batch, n] or [batch, l, n] times kernel [n, m], plus bias [m]. */
  affine(x: T, kernel: T, bias: T): T;
  /** Same padding, stride 1: [batch, l, c] with kernel [k, c, d] -> [batch, l, d]. */
  conv1d(x: T, kernel: T, bias: T): T;
  /** Same padding, stride 1: [batch, h, w, c] with kernel [kh, kw, c, d] -> [batch, h, w, d]. */
  conv2d(x: T, kernel: T, bias: T): T;
  /** Halves the length: [batch, l, c] -> [batch, l / 2, c]; l is even. */
  maxPool1d(x: T): T;
  /** Over the last axis, of the given size. */
  layerNorm(x: T, scale: T, offset: T): T;
  /** Swaps the last two axes: [batch, n, m] -> [batch, m, n]. */
  transpose(x: T): T;
  reshape(x: T, shape: readonly number[]): T;
  slice(x: T, axis: number, begin: number, end: number): T;
  concat(xs: readonly T[], axis: number): T;
  /** Zeros before and after along one axis. */
  pad(x: T, axis: number, before: number, after: number): T;
  /** Drops a share of the numbers while training, and does nothing otherwise. */
  dropout(x: T, rate: number): T;
};

/** How a parameter begins: `glorot` and `he` are normal, with variances 2 / (fanIn + fanOut) and 2 / fanIn. */
export type Initial = 'zeros' | 'ones' | 'glorot' | 'he';

export function dense<T>(
  ops: Ops<T>,
  x: T,
  name: string,
  inputs: number,
  outputs: number,
  initial: Initial = 'glorot',
): T {
  const kernel = ops.parameter(`${name}/kernel`, [inputs, outputs], initial);
  return ops.affine(x, kernel, ops.parameter(`${name}/bias`, [outputs], 'zeros'));
}

/** Several dense layers of one input [batch, inputs], computed as one: [batch, outputs] each. They begin as zeros. */
export function heads<T>(
  ops: Ops<T>,
  x: T,
  inputs: number,
  layers: readonly { readonly name: string; readonly outputs: number }[],
): T[] {
  const parameters = layers.map(({ name, outputs }) => ({
    kernel: ops.parameter(`${name}/kernel`, [inputs, outputs], 'zeros'),
    bias: ops.parameter(`${name}/bias`, [outputs], 'zeros'),
  }));
  const kernels = parameters.map(({ kernel }) => kernel);
  const biases = parameters.map(({ bias }) => bias);
  const all = ops.affine(x, ops.concat(kernels, 1), ops.concat(biases, 0));
  let end = 0;
  return layers.map(({ outputs }) => {
    end += outputs;
    return ops.slice(all, 1, end - outputs, end);
  });
}

export function conv1d<T>(ops: Ops<T>, x: T, name: string, k: number, inputs: number, outputs: number): T {
  const kernel = ops.parameter(`${name}/kernel`, [k, inputs, outputs], 'he');
  return ops.conv1d(x, kernel, ops.parameter(`${name}/bias`, [outputs], 'zeros'));
}

export function conv2d<T>(ops: Ops<T>, x: T, name: string, k: number, inputs: number, outputs: number): T {
  const kernel = ops.parameter(`${name}/kernel`, [k, k, inputs, outputs], 'he');
  return ops.conv2d(x, kernel, ops.parameter(`${name}/bias`, [outputs], 'zeros'));
}

export function layerNorm<T>(ops: Ops<T>, x: T, name: string, size: number): T {
  const scale = ops.parameter(`${name}/scale`, [size], 'ones');
  return ops.layerNorm(x, scale, ops.parameter(`${name}/offset`, [size], 'zeros'));
}

export const LAYER_NORM_EPSILON = 1e-5;
export const LEAKY_SLOPE = 0.2;
/** Added to a score, it leaves nothing of it in a softmax. */
export const OUT = -1e9;
