import { FatalError } from '../common/errors.ts';
import { type DescriptorName, descriptorsOf } from '../messages/descriptor-names.ts';
import type { DescriptorOutput, ModelIdentity, Prediction } from '../messages/prediction.ts';
import { EXACT_SCALE_EV, type ModelInput } from '../messages/prepared.ts';
import { blendSiteMeans } from './blend-site-means.ts';
import { besideOthers, together } from './combine-engines.ts';
import type { Batch, Engine, EngineName, OnnxruntimeName } from './engine.ts';
import type { Manifest } from './manifest.ts';
import { blendNeighbours, type NeighbourIndex } from './neighbour-index.ts';
import { type Body, graphOf } from './network.ts';
import type { NetworkConfig } from './network-config.ts';
import type { SiteMeansParts } from './parse-site-means.ts';
import { type SiteMeansConfig, siteMeans, siteMeansAnswers, unpackSiteMeans } from './site-means.ts';
import { type TfjsEngineName, tfjsEngine } from './tfjs-engine.ts';

/** A network on an engine, with its neighbour index where it has one. */
export type Predictor = {
  /** One prediction per input, in order; each depends on its input alone. */
  predict(inputs: readonly ModelInput[]): Promise<readonly Prediction[]>;
  /** Runs empty batches, so that the first real one is not slow. */
  warmUp(batchSizes: readonly number[]): Promise<void>;
  close(): Promise<void>;
  /** Whether predictions hold means over sites. */
  readonly readsMeans: boolean;
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
  readonly siteMeans: SiteMeansParts | null;
  /** Reads copper in place of `siteMeans`, with the same classes, and of all elements what is no oxide. */
  readonly copperMeans: SiteMeansParts | null;
};

/**
 * @param parts an opened bundle
 * @param options.engine `auto`: onnxruntime, or tfjs on a platform for which it has no binary
 * @param options.threads of onnxruntime
 * @param options.body what computes an architecture other than spt on tfjs; onnxruntime reads it from the file
 * @throws FatalError when the engine is not installed
 */
export async function loadModel(
  parts: ModelParts,
  options: { readonly engine: 'auto' | EngineName; readonly threads?: number; readonly body?: Body },
): Promise<Model> {
  const { hash, manifest, neighbourIndex } = parts;
  const start = (name: EngineName) => startEngine(name, parts, options);
  const engine = options.engine === 'auto' ? await startBest(start) : await start(options.engine);
  const identity = { id: manifest.id, hash, engine: engine.name };
  const predictor = predictorOn(engine, manifest.network, neighbourIndex, parts.siteMeans?.config);
  return { identity, manifest, neighbourIndex, ...predictor };
}

async function startEngine(
  name: EngineName,
  parts: ModelParts,
  { threads, body }: { readonly threads?: number; readonly body?: Body },
): Promise<Engine> {
  const { network } = parts.manifest;
  if (isOnnxruntime(name)) {
    const { onnxruntimeEngine } = await loadOnnxruntime();
    const start = (onnx: Uint8Array) => onnxruntimeEngine(onnx, network, name, threads);
    return withMeans(await start(parts.onnx), parts, ({ onnx }) => start(onnx));
  }
  if (network.architecture !== 'spt' && body === undefined)
    throw new FatalError(
      `Expected engine onnxruntime for the architecture ${network.architecture}, got ${name}`,
    );
  const engine = tfjsEngine(name, network, parts.weights, graphOf(network, body));
  return withMeans(engine, parts, (means) => siteMeansEngine(name, means));
}

const isOnnxruntime = (name: EngineName): name is OnnxruntimeName => name.startsWith('onnxruntime');

/** SPT with the networks of means that the bundle has. */
async function withMeans(
  spt: Engine,
  { manifest, siteMeans, copperMeans }: ModelParts,
  start: (means: SiteMeansParts) => Engine | Promise<Engine>,
): Promise<Engine> {
  if (siteMeans === null) return spt;
  const means = await start(siteMeans);
  if (copperMeans === null) return together(spt, means);
  const copper = manifest.network.elements.indexOf('Cu');
  return together(spt, besideOthers(means, await start(copperMeans), copper));
}

/** A network that reads means over sites, on tfjs. */
export function siteMeansEngine(
  name: TfjsEngineName,
  { config, weights }: Pick<SiteMeansParts, 'config' | 'weights'>,
): Engine {
  return tfjsEngine(name, config, weights, (ops, input) =>
    siteMeansAnswers(ops, siteMeans(ops, input, config), config),
  );
}

const shareOf = ({ blend }: SiteMeansConfig, element: string): number => blend[element] ?? blend.other!;

/** The largest batch that is handed to an engine at once: bounds memory; larger ones gain nothing. */
const CHUNK = 256;

export function predictorOn(
  engine: Engine,
  network: NetworkConfig,
  neighbourIndex: NeighbourIndex | null = null,
  means?: SiteMeansConfig,
): Predictor {
  async function predict(inputs: readonly ModelInput[]): Promise<readonly Prediction[]> {
    const predictions: Prediction[] = [];
    for (let i = 0; i < inputs.length; i += CHUNK) {
      const chunk = inputs.slice(i, i + CHUNK);
      const outputs = await engine.run(pack(chunk, network));
      for (const [row, input] of chunk.entries()) {
        const read = unpack(outputs, row, input.element, network);
        const prediction = neighbourIndex === null ? read : blendNeighbours(neighbourIndex, read, input);
        const hasMeans = means !== undefined && input.element !== 'O';
        predictions.push(
          hasMeans
            ? blendSiteMeans(prediction, unpackSiteMeans(outputs, row, means), shareOf(means, input.element))
            : prediction,
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
      // Copper has a network of its own.
      for (const element of elements.filter((each, i) => i === 0 || each === 'Cu')) {
        const input: ModelInput = { element, edge: 'K', mu: bins, mask: bins };
        for (const size of batchSizes) await predict(Array.from({ length: size }, () => input));
      }
    },
    close: () => engine.close(),
    readsMeans: means !== undefined,
  };
}

async function startBest(start: (name: EngineName) => Promise<Engine>): Promise<Engine> {
  try {
    await loadOnnxruntime();
  } catch {
    return start('tfjs'); // a platform for which onnxruntime has no binary; an ONNX file that does not load is an error
  }
  return start('onnxruntime');
}

/** Only when it is asked for: on a platform without its binary the import itself fails. */
const loadOnnxruntime = () => import('./onnxruntime-engine.ts');

/** @throws RangeError for an input that the model was not made for: the caller's preparation is at fault */
export function pack(
  inputs: readonly ModelInput[],
  config: Pick<NetworkConfig, 'offsetsEv' | 'elements'>,
): Batch {
  const bins = config.offsetsEv.length;
  const mu = new Float32Array(inputs.length * bins);
  const mask = new Float32Array(inputs.length * bins);
  const element = new Float32Array(inputs.length * config.elements.length);
  let forMeans = null as { mu: Float32Array; mask: Float32Array } | null;
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
    measuredBins(input, row, mu, mask);
    if (input.forMeans !== undefined) {
      forMeans ??= { mu: new Float32Array(mu.length), mask: new Float32Array(mask.length) };
    }
  });
  if (forMeans !== null) {
    for (const [row, input] of inputs.entries())
      measuredBins(input.forMeans ?? input, row, forMeans.mu, forMeans.mask);
  }
  const energySigma = Float32Array.from(inputs, ({ energySigmaEv = EXACT_SCALE_EV }) => energySigmaEv);
  return { size: inputs.length, mu, mask, forMeans: forMeans ?? { mu, mask }, element, energySigma };
}

/** Whatever stands in an unmeasured bin, NaN included, stays out. */
function measuredBins(
  from: Pick<ModelInput, 'mu' | 'mask'>,
  row: number,
  mu: Float32Array,
  mask: Float32Array,
): void {
  const bins = from.mu.length;
  for (let i = 0; i < bins; i++) {
    if (from.mask[i] === 0) continue;
    mask[row * bins + i] = 1;
    mu[row * bins + i] = from.mu[i]!;
  }
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
