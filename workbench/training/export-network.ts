import type { Ops } from '../../src/model/ops.ts';
import { encodeOnnx, type OnnxValue } from './onnx-file.ts';
import { onnxGraphWriter } from './onnx-graph.ts';
import type { Laid } from './onnx-layout.ts';
import { onnxOps } from './onnx-ops.ts';

export type Parameter = { readonly name: string; readonly shape: readonly number[] };

/** A network from its inputs to its outputs, each by name. */
type Network<I extends string> = (ops: Ops<Laid>, inputs: Record<I, Laid>) => Readonly<Record<string, Laid>>;

/**
 * A network as ONNX, the batch of any size, and its parameters in the order in which it asks for them.
 * @param inputs numbers of each input a row
 * @param weights null: all zero
 * @throws Error where a weight is missing
 */
export function exportNetwork<I extends string>(
  name: string,
  inputs: Readonly<Record<I, number>>,
  weights: ReadonlyMap<string, Float32Array> | null,
  network: Network<I>,
): { readonly onnx: Buffer; readonly parameters: readonly Parameter[] } {
  const parameters: Parameter[] = [];
  const graph = onnxGraphWriter();
  const ops = onnxOps(graph, (parameter, shape) => {
    parameters.push({ name: parameter, shape });
    const values = weights?.get(parameter);
    if (weights !== null && values === undefined) throw new Error(`Expected weights to hold ${parameter}`);
    return values ?? new Float32Array(shape.reduce((a, b) => a * b, 1));
  });
  const values: OnnxValue[] = Object.entries<number>(inputs).map(([input, width]) => {
    return { name: input, shape: [-1, width] };
  });
  const laid = values.map((value): [string, Laid] => [value.name, { ...value, layout: 'last' }]);
  const outputs = network(ops, Object.fromEntries(laid) as Record<I, Laid>);
  for (const [output, value] of Object.entries(outputs)) graph.output(value.name, output);
  return {
    parameters,
    onnx: encodeOnnx({
      name,
      nodes: graph.nodes,
      tensors: graph.tensors,
      inputs: values,
      outputs: Object.entries(outputs).map(([output, { shape }]) => ({ name: output, shape })),
    }),
  };
}
