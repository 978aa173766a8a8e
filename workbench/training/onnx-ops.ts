import { LAYER_NORM_EPSILON, LEAKY_SLOPE, type Ops } from '../../src/model/ops.ts';
import type { OnnxNode, OnnxTensor } from './onnx-file.ts';

/** A graph being written down. A value is the name of its node's output. */
export type OnnxRecorder = {
  readonly ops: Ops<string>;
  readonly nodes: readonly OnnxNode[];
  readonly tensors: readonly OnnxTensor[];
  /** Gives a value the name under which it leaves the graph. */
  output(value: string, name: string): void;
};

/**
 * Writes a network down as ONNX nodes instead of computing it. ONNX convolutions want channels first: hence the
 * transposes, most of which the runtime cancels.
 */
export function onnxRecorder(parameters: ReadonlyMap<string, Float32Array>): OnnxRecorder {
  const nodes: OnnxNode[] = [];
  const tensors: OnnxTensor[] = [];
  const known = new Map<string, string>();

  function node(opType: string, inputs: readonly string[], attributes: OnnxNode['attributes'] = {}): string {
    const output = `${opType}_${nodes.length}`;
    nodes.push({ opType, inputs, outputs: [output], attributes });
    return output;
  }
  function tensor(key: string, make: () => Omit<OnnxTensor, 'name'>): string {
    const name = known.get(key) ?? key;
    if (!known.has(key)) tensors.push({ name, ...make() });
    known.set(key, name);
    return name;
  }
  const integers = (values: readonly number[]) =>
    tensor(`int64[${values.join(',')}]`, () => {
      return { shape: [values.length], integers: BigInt64Array.from(values, BigInt) };
    });
  const permute = (x: string, perm: readonly number[]) => node('Transpose', [x], { perm });
  function kernelFirst(name: string, shape: readonly number[], perm: readonly number[]): string {
    const source = parameters.get(name)!;
    return tensor(`${name}/first`, () => permuted(source, shape, perm));
  }

  const shapes = new Map<string, readonly number[]>();
  const ops: Ops<string> = {
    parameter(name, shape) {
      const values = parameters.get(name);
      if (values === undefined) throw new Error(`Expected weights to hold ${name}`);
      shapes.set(name, shape);
      return tensor(name, () => ({ shape, floats: values }));
    },
    constant: (values, shape) =>
      tensor(`constant${tensors.length}`, () => ({ shape, floats: Float32Array.from(values) })),
    add: (a, b) => node('Add', [a, b]),
    sub: (a, b) => node('Sub', [a, b]),
    mul: (a, b) => node('Mul', [a, b]),
    div: (a, b) => node('Div', [a, b]),
    maximum: (a, b) => node('Max', [a, b]),
    relu: (x) => node('Relu', [x]),
    leakyRelu: (x) => node('LeakyRelu', [x], { alpha: { float: LEAKY_SLOPE } }),
    exp: (x) => node('Exp', [x]),
    sqrt: (x) => node('Sqrt', [x]),
    softmax: (x) => node('Softmax', [x], { axis: -1 }),
    sum: (x, axis) => node('ReduceSum', [x, integers([axis])], { keepdims: 1 }),
    matMul: (x, y) => node('MatMul', [x, y]),
    conv1d(x, kernel, bias) {
      const [k, c, d] = shapes.get(kernel) as [number, number, number];
      const first = kernelFirst(kernel, [k, c, d], [2, 1, 0]);
      const y = node('Conv', [permute(x, [0, 2, 1]), first, bias], { auto_pad: { text: 'SAME_UPPER' } });
      return permute(y, [0, 2, 1]);
    },
    conv2d(x, kernel, bias) {
      const first = kernelFirst(kernel, shapes.get(kernel)!, [3, 2, 0, 1]);
      const y = node('Conv', [permute(x, [0, 3, 1, 2]), first, bias], { auto_pad: { text: 'SAME_UPPER' } });
      return permute(y, [0, 2, 3, 1]);
    },
    maxPool1d(x) {
      const y = node('MaxPool', [permute(x, [0, 2, 1])], { kernel_shape: [2], strides: [2] });
      return permute(y, [0, 2, 1]);
    },
    layerNorm: (x, scale, offset) => {
      const attributes = { axis: -1, epsilon: { float: LAYER_NORM_EPSILON } };
      return node('LayerNormalization', [x, scale, offset], attributes);
    },
    transpose: (x) => permute(x, [0, 2, 1]),
    reshape: (x, shape) => node('Reshape', [x, integers(shape)]),
    slice: (x, axis, begin, end) => node('Slice', [x, integers([begin]), integers([end]), integers([axis])]),
    concat: (xs, axis) => node('Concat', xs, { axis }),
    // Pad-18 takes the axes as an input, so that the rank need not be known.
    pad: (x, axis, before, after) => {
      if (before === 0 && after === 0) return x;
      return node('Pad', [x, integers([before, after]), '', integers([axis])]);
    },
    dropout: (x) => x,
  };
  return {
    ops,
    nodes,
    get tensors() {
      // A kernel that was turned channels-first is not stored twice.
      const used = new Set(nodes.flatMap((n) => n.inputs));
      return tensors.filter((t) => used.has(t.name));
    },
    output: (value, name) =>
      nodes.push({ opType: 'Identity', inputs: [value], outputs: [name], attributes: {} }),
  };
}

/** Rearranges the axes of a row-major array, as numpy's transpose. */
function permuted(values: Float32Array, shape: readonly number[], perm: readonly number[]) {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const outShape = perm.map((axis) => shape[axis]!);
  const floats = new Float32Array(values.length);
  const index = outShape.map(() => 0);
  for (let i = 0; i < floats.length; i++) {
    let from = 0;
    for (let axis = 0; axis < perm.length; axis++) from += index[axis]! * strides[perm[axis]!]!;
    floats[i] = values[from]!;
    for (let axis = perm.length - 1; axis >= 0 && ++index[axis]! === outShape[axis]; axis--) index[axis] = 0;
  }
  return { shape: outShape, floats };
}
