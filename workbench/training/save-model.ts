import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../src/common/sha256.ts';
import type { ModelInput } from '../../src/messages/prepared.ts';
import { predictorOn } from '../../src/model/load-model.ts';
import { type Manifest, manifestJson } from '../../src/model/manifest.ts';
import { graphOf } from '../../src/model/network.ts';
import type { NetworkConfig } from '../../src/model/network-config.ts';
import { tfjsEngine } from '../../src/model/tfjs-engine.ts';
import { writeBundle } from '../bundle/write-bundle.ts';
import { bodyOf } from './body-of.ts';
import { exportNetwork, type Parameter } from './export-network.ts';

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
export const exportOnnx = (config: NetworkConfig, weights: ReadonlyMap<string, Float32Array>): Buffer =>
  exported(config, weights).onnx;

/** Names and shapes of all parameters, in the order in which the network asks for them. */
export const parametersOf = (config: NetworkConfig): readonly Parameter[] =>
  exported(config, null).parameters;

function exported(config: NetworkConfig, weights: ReadonlyMap<string, Float32Array> | null) {
  const bins = config.offsetsEv.length;
  const inputs = { mu: bins, mask: bins, element: config.elements.length };
  return exportNetwork(config.architecture, inputs, weights, graphOf(config, bodyOf(config)));
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
