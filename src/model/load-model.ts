import { existsSync } from 'node:fs';
import { FatalError } from '../errors.ts';
import { type DescriptorName, descriptorsOf } from '../messages/descriptor-names.ts';
import type { DescriptorOutput, ModelIdentity, Prediction } from '../messages/prediction.ts';
import type { ModelInput } from '../messages/prepared.ts';
import type { Batch, Engine } from './engine.ts';
import { loadTensorflow, resolveTensorflow } from './load-tensorflow.ts';
import type { Manifest } from './manifest.ts';
import { blendNeighbours, type NeighbourIndex } from './neighbour-index.ts';
import type { Body } from './network.ts';
import type { NetworkConfig } from './network-config.ts';
import { tfjsEngine } from './tfjs-engine.ts';

export type EngineName = 'onnxruntime' | 'tfjs-node' | 'tfjs-node-gpu' | 'tfjs';

/** A network on an engine, with its neighbour index where it has one. */
export type Predictor = {
  /** One prediction per input, in order; each depends on its input alone. */
  predict(inputs: readonly ModelInput[]): Promise<readonly Prediction[]>;
  /** Runs empty batches, so that the first real one is not slow. */
  warmUp(batchSizes: readonly number[]): Promise<void>;
  close(): Promise<void>;
};

/** One that events can name. */
export type Model = Predictor & {
  readonly identity: ModelIdentity;
  readonly manifest: Manifest;
  readonly neighbourIndex: NeighbourIndex | null;
};

/** What predictions come from, of an opened bundle. */
export type ModelParts = {
  /** sha256 of bundle.json. */
  readonly hash: string;
  readonly manifest: Manifest;
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** The bytes of model.onnx. */
  readonly onnx: Uint8Array;
  readonly neighbourIndex: NeighbourIndex | null;
};

/**
 * @param parts an opened bundle
 * @param options.engine `auto`: tfjs-node-gpu where it is installed and sees a GPU, else onnxruntime, else tfjs
 * @param options.threads of onnxruntime
 * @param options.body what computes an architecture other than spt on tfjs; onnxruntime reads it from the file
 * @throws FatalError when the engine is not installed
 */
export async function loadModel(
  { hash, manifest, weights, onnx, neighbourIndex }: ModelParts,
  options: { readonly engine: 'auto' | EngineName; readonly threads?: number; readonly body?: Body },
): Promise<Model> {
  const start = async (name: EngineName): Promise<Engine> => {
    if (name !== 'onnxruntime') {
      const { architecture } = manifest.network;
      if (architecture !== 'spt' && options.body === undefined)
        throw new FatalError(`Expected engine onnxruntime for the architecture ${architecture}, got ${name}`);
      return tfjsEngine(name, manifest.network, weights, options.body);
    }
    const { onnxruntimeEngine } = await loadOnnxruntime();
    return onnxruntimeEngine(onnx, manifest.network, options.threads);
  };
  const engine = options.engine === 'auto' ? await startBest(start) : await start(options.engine);
  const identity = { id: manifest.id, hash, engine: engine.name };
  return { identity, manifest, neighbourIndex, ...predictorOn(engine, manifest.network, neighbourIndex) };
}

/** The largest batch that is handed to an engine at once: bounds memory; larger ones gain nothing. */
const CHUNK = 256;

export function predictorOn(
  engine: Engine,
  network: NetworkConfig,
  neighbourIndex: NeighbourIndex | null = null,
): Predictor {
  async function predict(inputs: readonly ModelInput[]): Promise<readonly Prediction[]> {
    const predictions: Prediction[] = [];
    for (let i = 0; i < inputs.length; i += CHUNK) {
      const chunk = inputs.slice(i, i + CHUNK);
      const outputs = await engine.run(pack(chunk, network));
      for (const [row, input] of chunk.entries()) {
        const prediction = unpack(outputs, row, input.element, network);
        predictions.push(
          neighbourIndex === null ? prediction : blendNeighbours(neighbourIndex, prediction, input),
        );
      }
    }
    return predictions;
  }
  return {
    predict,
    async warmUp(batchSizes) {
      const { elements, offsetsEv } = network;
      const bins = new Float32Array(offsetsEv.length).fill(1);
      const input: ModelInput = { element: elements[0]!, edge: 'K', mu: bins, mask: bins };
      for (const size of batchSizes) await predict(Array.from({ length: size }, () => input));
    },
    close: () => engine.close(),
  };
}

async function startBest(start: (name: EngineName) => Promise<Engine>): Promise<Engine> {
  if (seesGpu()) return start('tfjs-node-gpu');
  try {
    await loadOnnxruntime();
  } catch {
    return start('tfjs'); // a platform for which onnxruntime has no binary; an ONNX file that does not load is an error
  }
  return start('onnxruntime');
}

/** Only when it is asked for: on a platform without its binary the import itself fails. */
const loadOnnxruntime = () => import('./onnxruntime-engine.ts');

/** Loading TensorFlow takes seconds and memory, so the driver is asked first. */
function seesGpu(): boolean {
  if (!existsSync('/proc/driver/nvidia/gpus') || resolveTensorflow('@tensorflow/tfjs-node-gpu') === null)
    return false;
  const backend = loadTensorflow('@tensorflow/tfjs-node-gpu').backend() as { isUsingGpuDevice?: boolean };
  return backend.isUsingGpuDevice === true;
}

/** @throws RangeError for an input that the model was not made for: the caller's preparation is at fault */
export function pack(inputs: readonly ModelInput[], config: NetworkConfig): Batch {
  const bins = config.offsetsEv.length;
  const mu = new Float32Array(inputs.length * bins);
  const mask = new Float32Array(inputs.length * bins);
  const element = new Float32Array(inputs.length * config.elements.length);
  inputs.forEach((input, row) => {
    const index = config.elements.indexOf(input.element);
    if (index < 0)
      throw new RangeError(
        `Expected element to be one of ${config.elements.join(', ')}, got ${input.element}`,
      );
    if (input.mu.length !== bins || input.mask.length !== bins) {
      throw new RangeError(
        `Expected mu and mask of ${bins} bins, got ${input.mu.length} and ${input.mask.length}`,
      );
    }
    element[row * config.elements.length + index] = 1;
    for (let i = 0; i < bins; i++) {
      if (input.mask[i] === 0) continue; // whatever stands in an unmeasured bin, NaN included, stays out
      mask[row * bins + i] = 1;
      mu[row * bins + i] = input.mu[i]!;
    }
  });
  return { size: inputs.length, mu, mask, element };
}

/** The network answers with every head; those that the element does not have are left out. */
function unpack(
  outputs: Readonly<Record<string, Float32Array>>,
  row: number,
  element: string,
  config: NetworkConfig,
): Prediction {
  const rowOf = (name: string, width: number) => outputs[name]!.slice(row * width, (row + 1) * width);
  const answered: Partial<Record<DescriptorName, DescriptorOutput>> = {};
  for (const name of descriptorsOf(element)) {
    const classes = config.classes[name];
    if (classes !== undefined) {
      answered[name] = { kind: 'class', classes, probabilities: rowOf(name, classes.length) };
    } else if (config.reals[name] !== undefined) {
      const [mean, sigma] = rowOf(name, 2);
      answered[name] = { kind: 'real', mean: mean!, sigma: sigma! };
    }
  }
  return { outputs: answered, embedding: rowOf('embedding', config.features) };
}
