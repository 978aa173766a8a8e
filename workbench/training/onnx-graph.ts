import type { OnnxNode, OnnxTensor } from './onnx-file.ts';

/** Collects the nodes and tensors of a graph. A value is the name of its node's output. */
export type OnnxGraphWriter = {
  readonly nodes: readonly OnnxNode[];
  /** Those that a node reads. */
  readonly tensors: readonly OnnxTensor[];
  /** @param outputs that the operation has; the first is the value, the others are not read */
  node(
    opType: string,
    inputs: readonly string[],
    attributes?: OnnxNode['attributes'],
    outputs?: number,
  ): string;
  /** Names an output of the graph. */
  output(value: string, name: string): void;
  /** @param make is called once for each key */
  tensor(key: string, make: () => Omit<OnnxTensor, 'name'>): string;
  integers(values: readonly number[]): string;
};

export function onnxGraphWriter(): OnnxGraphWriter {
  const nodes: OnnxNode[] = [];
  const tensors = new Map<string, OnnxTensor>();
  function tensor(key: string, make: () => Omit<OnnxTensor, 'name'>): string {
    if (!tensors.has(key)) tensors.set(key, { name: key, ...make() });
    return key;
  }
  return {
    nodes,
    get tensors() {
      const used = new Set(nodes.flatMap(({ inputs }) => inputs));
      return [...tensors.values()].filter(({ name }) => used.has(name));
    },
    node(opType, inputs, attributes = {}, count = 1) {
      const output = `${opType}_${nodes.length}`;
      const others = Array.from({ length: count - 1 }, (_, i) => `${output}_${i + 1}`);
      nodes.push({ opType, inputs, outputs: [output, ...others], attributes });
      return output;
    },
    output: (value, name) =>
      nodes.push({ opType: 'Identity', inputs: [value], outputs: [name], attributes: {} }),
    tensor,
    integers: (values) =>
      tensor(`int64[${values.join(',')}]`, () => {
        return { shape: [values.length], integers: BigInt64Array.from(values, BigInt) };
      }),
  };
}
