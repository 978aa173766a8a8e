import { LAYER_NORM_EPSILON, LEAKY_SLOPE, type Ops, OUT } from '../../src/model/ops.ts';
import type { OnnxGraphWriter } from './onnx-graph.ts';
import { isBatch, type Laid, layoutsOf, storedAxis } from './onnx-layout.ts';

/** The channels that ONNX Runtime's convolutions take at once, on any processor with AVX2. */
const BLOCK = 8;

/** Writes a network down as ONNX nodes instead of computing it. */
export function onnxOps(
  graph: OnnxGraphWriter,
  valuesOf: (name: string, shape: readonly number[]) => Float32Array,
): Ops<Laid> {
  const { node, tensor, integers } = graph;
  const { last, first, image, reshape } = layoutsOf(graph);
  const parameters = new Map<string, { values: Float32Array; shape: readonly number[] }>();

  const like = (x: Laid, name: string, shape = x.shape): Laid => ({ ...x, name, shape });
  const unary = (opType: string) => (x: Laid) => like(x, node(opType, [x.name]));
  /** Both in one layout: that of the channels first where one of them has it. */
  function binary(opType: string) {
    return (a: Laid, b: Laid): Laid => {
      const shape = broadcast(a.shape, b.shape);
      if (a.layout === 'last' && b.layout === 'last')
        return { name: node(opType, [a.name, b.name]), shape, layout: 'last' };
      return { name: node(opType, [beside(a, shape), beside(b, shape)]), shape, layout: 'first' };
    };
  }
  function beside(x: Laid, { length: rank }: Laid['shape']): string {
    if (x.shape.every((size) => size === 1)) return x.name;
    const ones = Array.from({ length: rank - x.shape.length }, () => 1);
    const whole = [...ones, ...x.shape];
    return first(ones.length === 0 ? x : like(x, reshape(x.name, whole), whole)).name;
  }
  /** A parameter as a tensor of another shape. */
  function rearranged(
    { name }: Laid,
    suffix: string,
    shape: readonly number[],
    from: (index: readonly number[]) => readonly number[] | null,
  ): string {
    const source = parameters.get(name)!;
    return tensor(`${name}/${suffix}`, () => ({ shape, floats: gathered(source, shape, from) }));
  }
  const column = (x: Laid) => rearranged(x, 'column', [x.shape[0]!, 1], ([c]) => [c!]);

  return {
    parameter(name, shape) {
      const values = valuesOf(name, shape);
      parameters.set(name, { values, shape });
      return { name: tensor(name, () => ({ shape, floats: values })), shape, layout: 'last' };
    },
    constant(values, shape) {
      const floats = Float32Array.from(values);
      const key = `float[${shape.join(',')}]${Buffer.from(floats.buffer).toString('base64')}`;
      return { name: tensor(key, () => ({ shape, floats })), shape, layout: 'last' };
    },
    add: binary('Add'),
    sub: binary('Sub'),
    mul: binary('Mul'),
    div: binary('Div'),
    maximum: binary('Max'),
    relu: unary('Relu'),
    leakyRelu: (x) => like(x, node('LeakyRelu', [x.name], { alpha: { float: LEAKY_SLOPE } })),
    exp: unary('Exp'),
    log: unary('Log'),
    sqrt: unary('Sqrt'),
    softmax(x) {
      if (x.layout === 'last') return like(x, node('Softmax', [x.name], { axis: -1 }));
      // Of few channels, as neighbours are, the runtime's own, which wants them last, takes three times as long.
      const at = first(x);
      const over = (opType: string, y: string) => node(opType, [y, integers([1])], { keepdims: 1 });
      const raised = node('Exp', [node('Sub', [at.name, over('ReduceMax', at.name)])]);
      return like(at, node('Div', [raised, over('ReduceSum', raised)]));
    },
    softmaxOfLargest(x, k) {
      const at = last(x);
      const largest = node('TopK', [at.name, integers([k])], { axis: -1 }, 2);
      const smallest = node('Slice', [largest, integers([k - 1]), integers([k]), integers([-1])]);
      const out = tensor('out', () => ({ shape: [1], floats: Float32Array.of(OUT) }));
      const kept = node('Where', [node('Less', [at.name, smallest]), out, at.name]);
      return like(at, node('Softmax', [kept], { axis: -1 }));
    },
    sum(x, axis) {
      const at = x.layout === 'image' ? first(x) : x;
      const name = node('ReduceSum', [at.name, integers([storedAxis(at, axis)])], { keepdims: 1 });
      return like(at, name, resized(x.shape, axis, 1));
    },
    matMul(x, y) {
      const shape = [...x.shape.slice(0, -1), y.shape.at(-1)!];
      // Where a factor lies turned, so does the product: (x y)' = y' x'.
      const turned = (z: Laid) =>
        node('Transpose', [last(z).name], { perm: isBatch(z) ? [0, 2, 1] : [1, 0] });
      if (isBatch(y) ? y.layout !== 'last' : x.layout !== 'last') {
        const factors = isBatch(y) ? [first(y).name, turned(x)] : [turned(y), first(x).name];
        return { name: node('MatMul', factors), shape, layout: 'first' };
      }
      return { name: node('MatMul', [last(x).name, y.name]), shape, layout: 'last' };
    },
    affine(x, kernel, bias) {
      const [n, m] = kernel.shape as [number, number];
      const shape = [...x.shape.slice(0, -1), m];
      if (x.layout !== 'last') {
        const turned = rearranged(kernel, 'first', [m, n, 1], ([to, from]) => [from!, to!]);
        return { name: node('Conv', [first(x).name, turned, bias.name]), shape, layout: 'first' };
      }
      if (shape.length === 2)
        return { name: node('Gemm', [x.name, kernel.name, bias.name]), shape, layout: 'last' };
      return { name: node('Add', [node('MatMul', [x.name, kernel.name]), bias.name]), shape, layout: 'last' };
    },
    conv1d(x, kernel, bias) {
      const [k, c, d] = kernel.shape as [number, number, number];
      const from = image(x);
      const channels = Math.ceil(d / BLOCK) * BLOCK;
      const filled = rearranged(kernel, 'image', [channels, from.channels!, 1, k], ([to, of, , at]) =>
        to! < d && of! < c ? [at!, of!, to!] : null,
      );
      const offset = rearranged(bias, 'image', [channels], ([to]) => (to! < d ? [to!] : null));
      const name = node('Conv', [from.name, filled, offset], { auto_pad: { text: 'SAME_UPPER' } });
      return { name, shape: resized(x.shape, 2, d), layout: 'image', channels };
    },
    conv2d(x, kernel, bias) {
      const [h, w, c, d] = kernel.shape as [number, number, number, number];
      const turned = rearranged(kernel, 'first', [d, c, h, w], ([to, of, i, j]) => [i!, j!, of!, to!]);
      const name = node('Conv', [first(x).name, turned, bias.name], { auto_pad: { text: 'SAME_UPPER' } });
      return { name, shape: resized(x.shape, 3, d), layout: 'first' };
    },
    maxPool1d(x) {
      const from = image(x);
      const name = node('MaxPool', [from.name], { kernel_shape: [1, 2], strides: [1, 2] });
      return like(from, name, resized(x.shape, 1, x.shape[1]! / 2));
    },
    layerNorm(x, scale, offset) {
      if (x.layout === 'last') {
        const attributes = { axis: -1, epsilon: { float: LAYER_NORM_EPSILON } };
        return like(x, node('LayerNormalization', [x.name, scale.name, offset.name], attributes));
      }
      // The runtime's own normalises the last axis alone, and is not faster than these.
      const at = first(x);
      const mean = (y: string) => node('ReduceMean', [y, integers([1])], { keepdims: 1 });
      const epsilon = tensor('epsilon', () => ({ shape: [1], floats: Float32Array.of(LAYER_NORM_EPSILON) }));
      const centred = node('Sub', [at.name, mean(at.name)]);
      const variance = node('Add', [mean(node('Mul', [centred, centred])), epsilon]);
      const standard = node('Div', [centred, node('Sqrt', [variance])]);
      return like(at, node('Add', [node('Mul', [standard, column(scale)]), column(offset)]));
    },
    transpose(x) {
      const [b, n, m] = x.shape as [number, number, number];
      const at = x.layout === 'image' ? first(x) : x;
      return { name: at.name, shape: [b, m, n], layout: at.layout === 'last' ? 'first' : 'last' };
    },
    reshape(x, shape) {
      // A column becomes one channel; channels that stay what they are may stay where they are.
      if (x.shape.length === 2 && shape.length === 3 && shape[2] === 1)
        return { name: reshape(x.name, [-1, 1, shape[1]!]), shape, layout: 'first' };
      const kept = x.layout !== 'last' && shape.length > 2 && shape.at(-1) === x.shape.at(-1);
      if (kept) {
        const stored = [-1, shape.at(-1)!, ...shape.slice(1, -1)];
        return { name: reshape(first(x).name, stored), shape, layout: 'first' };
      }
      return { name: reshape(last(x).name, shape), shape, layout: 'last' };
    },
    slice(x, axis, begin, end) {
      if (begin === 0 && end === x.shape[axis]) return x;
      const at = x.layout === 'image' ? first(x) : x;
      const where = [[begin], [end], [storedAxis(at, axis)]].map(integers);
      return like(at, node('Slice', [at.name, ...where]), resized(x.shape, axis, end - begin));
    },
    concat(xs, axis) {
      const at = xs.every(({ layout }) => layout === 'last') ? xs : xs.map(first);
      const name = node(
        'Concat',
        at.map((x) => x.name),
        { axis: storedAxis(at[0]!, axis) },
      );
      return like(at[0]!, name, resized(xs[0]!.shape, axis, sum(xs.map(({ shape }) => shape[axis]!))));
    },
    // Pad-18 takes the axes as an input, so that the rank need not be known.
    pad(x, axis, before, after) {
      if (before === 0 && after === 0) return x;
      const at = x.layout === 'image' ? first(x) : x;
      const pads = integers([before, after]);
      const name = node('Pad', [at.name, pads, '', integers([storedAxis(at, axis)])]);
      return like(at, name, resized(x.shape, axis, x.shape[axis]! + before + after));
    },
    dropout: (x) => x,
  };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const resized = (shape: readonly number[], axis: number, size: number): readonly number[] =>
  shape.map((old, i) => (i === axis ? size : old));

/** As numpy does; -1, the batch, is wider than 1. */
function broadcast(a: readonly number[], b: readonly number[]): readonly number[] {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  const from = long.length - short.length;
  return long.map((size, i) => {
    const other = i >= from ? short[i - from]! : 1;
    return size === -1 || other === -1 ? -1 : Math.max(size, other);
  });
}

/** A new array of `shape`, each number from where `from` says, or 0. */
function gathered(
  { values, shape: old }: { values: Float32Array; shape: readonly number[] },
  shape: readonly number[],
  from: (index: readonly number[]) => readonly number[] | null,
): Float32Array {
  const floats = new Float32Array(shape.reduce((a, b) => a * b, 1));
  const index = shape.map(() => 0);
  for (let i = 0; i < floats.length; i++) {
    const at = from(index);
    if (at !== null) floats[i] = values[at.reduce((flat, each, axis) => flat * old[axis]! + each, 0)]!;
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return floats;
}
