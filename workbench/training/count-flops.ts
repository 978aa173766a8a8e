import { network } from '../../src/model/network.ts';
import type { NetworkConfig } from '../../src/model/network-config.ts';
import type { Ops } from '../../src/model/ops.ts';
import { bodyOf } from './body-of.ts';

/**
 * Floating-point operations of one spectrum's answer: two for each multiplication with an addition in products and
 * convolutions, one for each number that any other operation writes.
 */
export function countFlops(config: NetworkConfig): number {
  let flops = 0;
  const size = (shape: Shape) => shape.reduce((a, b) => a * b, 1);
  const write = (shape: Shape) => {
    flops += size(shape);
    return shape;
  };
  const broadcast = (a: Shape, b: Shape) => {
    const [long, short] = a.length >= b.length ? [a, b] : [b, a];
    const from = long.length - short.length;
    return write(long.map((n, i) => Math.max(n, i >= from ? short[i - from]! : 1)));
  };
  const matMul = (x: Shape, y: Shape) => {
    const out = [...x.slice(0, -1), y.at(-1)!];
    flops += 2 * size(out) * x.at(-1)!;
    return out;
  };
  const convolution = (x: Shape, kernel: Shape) => {
    const out = [...x.slice(0, -1), kernel.at(-1)!];
    flops += 2 * size(out) * size(kernel.slice(0, -1));
    return out;
  };
  const resized = (x: Shape, axis: number, n: number) => x.map((old, i) => (i === axis ? n : old));

  const ops: Ops<Shape> = {
    parameter: (_, shape) => shape,
    constant: (_, shape) => shape,
    add: broadcast,
    sub: broadcast,
    mul: broadcast,
    div: broadcast,
    maximum: broadcast,
    relu: write,
    leakyRelu: write,
    exp: write,
    log: write,
    sqrt: write,
    softmax: (x) => {
      flops += 2 * size(x);
      return write(x);
    },
    softmaxOfLargest: (x) => {
      flops += 4 * size(x); // with the comparison and the choice
      return write(x);
    },
    sum: (x, axis) => {
      flops += size(x);
      return resized(x, axis, 1);
    },
    matMul,
    affine: (x, kernel) => write(matMul(x, kernel)),
    conv1d: convolution,
    conv2d: convolution,
    maxPool1d: (x) => write(resized(x, 1, x[1]! / 2)),
    layerNorm: (x) => {
      flops += 6 * size(x);
      return write(x);
    },
    transpose: (x) => [x[0]!, x[2]!, x[1]!],
    reshape(x, shape) {
      const known = shape.filter((n) => n > 0).reduce((a, b) => a * b, 1);
      return shape.map((n) => (n < 0 ? size(x) / known : n));
    },
    slice: (x, axis, begin, end) => resized(x, axis, end - begin),
    concat: (xs, axis) =>
      resized(
        xs[0]!,
        axis,
        xs.reduce((sum, x) => sum + x[axis]!, 0),
      ),
    pad: (x, axis, before, after) => resized(x, axis, x[axis]! + before + after),
    dropout: (x) => x,
  };
  const bins = config.offsetsEv.length;
  network(
    ops,
    { mu: [1, bins], mask: [1, bins], element: [1, config.elements.length] },
    config,
    bodyOf(config),
  );
  return flops;
}

type Shape = readonly number[];
