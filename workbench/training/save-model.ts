import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelInput } from '../../src/messages/prepared.ts';
import { predictorOn } from '../../src/model/load-model.ts';
import { type Manifest, manifestJson } from '../../src/model/manifest.ts';
import { answers, graphOf, network } from '../../src/model/network.ts';
import type { NetworkConfig } from '../../src/model/network-config.ts';
import { tfjsEngine } from '../../src/model/tfjs-engine.ts';
import { sha256 } from '../../src/sha256.ts';
import { writeBundle } from '../bundle/write-bundle.ts';
import { bodyOf } from './body-of.ts';
import { encodeOnnx } from './onnx-file.ts';
import { onnxRecorder } from './onnx-ops.ts';

export type Golden = {
  readonly name: string;
  readonly element: string;
  readonly mu: readonly (number | null)[]; // [bins], null where not measured
  readonly outputs: Readonly<Record<string, readonly number[]>>;
};

/**
 * Writes a model's folder: weights, ONNX export, golden vectors, manifest (with the weights' hash) and bundle.json.
 * This is removed first and written last, so that a reader sees the old model, none, or the new one.
 */
export async function saveModel(
  directory: string,
  manifest: Omit<Manifest, 'hash' | 'parameters'>,
  weights: ReadonlyMap<string, Float32Array>,
  golden: readonly { readonly name: string; readonly input: ModelInput }[],
): Promise<Manifest> {
  const parameters = parametersOf(manifest.network);
  const bytes = floatBytes(parameters.map(({ name }) => weights.get(name)!));
  const complete: Manifest = { ...manifest, hash: sha256(bytes), parameters };
  mkdirSync(directory, { recursive: true });
  rmSync(join(directory, 'bundle.json'), { force: true });
  const write = (file: string, content: Uint8Array | string) => {
    writeFileSync(join(directory, `${file}.partial`), content);
    renameSync(join(directory, `${file}.partial`), join(directory, file));
  };
  write('weights.bin', bytes);
  write('model.onnx', exportOnnx(manifest.network, weights));
  write('golden.json', goldenJson(await goldenVectors(manifest.network, weights, golden)));
  write('manifest.json', manifestJson(complete));
  writeBundle(directory);
  return complete;
}

/** The network as ONNX, the batch of any size. */
export function exportOnnx(config: NetworkConfig, weights: ReadonlyMap<string, Float32Array>): Buffer {
  const recorder = onnxRecorder(weights);
  const input = { mu: 'mu', mask: 'mask', element: 'element' };
  const outputs = answers(recorder.ops, network(recorder.ops, input, config, bodyOf(config)), config);
  for (const [name, value] of Object.entries(outputs)) recorder.output(value, name);
  const bins = config.offsetsEv.length;
  const width = (name: string) =>
    name === 'embedding' ? config.features : (config.classes[name as 'OS']?.length ?? 2);
  return encodeOnnx({
    name: config.architecture,
    nodes: recorder.nodes,
    tensors: recorder.tensors,
    inputs: [
      { name: 'mu', shape: [-1, bins] },
      { name: 'mask', shape: [-1, bins] },
      { name: 'element', shape: [-1, config.elements.length] },
    ],
    outputs: Object.keys(outputs).map((name) => ({ name, shape: [-1, width(name)] })),
  });
}

/** Names and shapes of all parameters, in the order in which the network asks for them. */
export function parametersOf(config: NetworkConfig): { name: string; shape: readonly number[] }[] {
  const parameters: { name: string; shape: readonly number[] }[] = [];
  const anything = new Map<string, Float32Array>();
  const recorder = onnxRecorder(anything);
  const ops = {
    ...recorder.ops,
    parameter(name: string, shape: readonly number[], initial: 'zeros') {
      parameters.push({ name, shape });
      anything.set(name, new Float32Array(shape.reduce((a, b) => a * b, 1)));
      return recorder.ops.parameter(name, shape, initial);
    },
  };
  network(ops as typeof recorder.ops, { mu: 'mu', mask: 'mask', element: 'element' }, config, bodyOf(config));
  return parameters;
}

/** Expected outputs by plain tfjs: the engine with the least between the formula and the number. */
async function goldenVectors(
  config: NetworkConfig,
  weights: ReadonlyMap<string, Float32Array>,
  inputs: readonly { readonly name: string; readonly input: ModelInput }[],
): Promise<Golden[]> {
  const predictor = predictorOn(tfjsEngine('tfjs', config, weights, graphOf(config, bodyOf(config))), config);
  const predictions = await predictor.predict(inputs.map(({ input }) => input));
  await predictor.close();
  return inputs.map(({ name, input }, i) => {
    const { outputs, embedding } = predictions[i]!;
    const plain: Record<string, readonly number[]> = { embedding: Array.from(embedding) };
    for (const [descriptor, output] of Object.entries(outputs)) {
      plain[descriptor] =
        output.kind === 'real' ? [output.mean, output.sigma] : Array.from(output.probabilities);
    }
    const mu = Array.from(input.mu, (value, bin) => (input.mask[bin] === 0 ? null : value));
    return { name, element: input.element, mu, outputs: plain };
  });
}

function goldenJson(golden: readonly Golden[]): string {
  return `[\n${golden.map((vector) => JSON.stringify(vector)).join(',\n')}\n]\n`;
}

export function floatBytes(arrays: readonly Float32Array[]): Buffer {
  return Buffer.concat(arrays.map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength)));
}
