import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { FatalError } from '../common/errors.ts';
import type { Engine, OnnxruntimeName } from './engine.ts';
import type { NetworkConfig } from './network-config.ts';

/**
 * @param onnx the bytes of an ONNX file: those that were verified, and not what may lie there by now
 * @param name on the cores, by WebGPU on whatever GPU the system's Vulkan, Metal or Direct3D 12 offers, or by CUDA
 * @param threads more than four cost more in hand-over than they gain on a network this small
 */
export async function onnxruntimeEngine(
  onnx: Uint8Array,
  config: Pick<NetworkConfig, 'offsetsEv' | 'elements'>,
  name: OnnxruntimeName = 'onnxruntime',
  threads = Math.min(4, availableParallelism()),
): Promise<Engine> {
  return engineOn(await SESSIONS[name](onnx, threads), config, name);
}

/** What an opened ONNX file answers, in calls of the sizes that the engine of this name likes. */
export function engineOn(
  session: ort.InferenceSession,
  config: Pick<NetworkConfig, 'offsetsEv' | 'elements'>,
  name: OnnxruntimeName,
): Engine {
  const bins = config.offsetsEv.length;
  const toldSigma = session.inputNames.includes('energySigma');
  return {
    name,
    async run({ size, mu, mask, element, energySigma }) {
      const rows = name === 'onnxruntime-cuda' ? filledUp(size) : size;
      const tensor = (values: Float32Array, width: number) =>
        new ort.Tensor('float32', padded(values, rows * width), [rows, width]);
      const outputs = await session.run({
        mu: tensor(mu, bins),
        mask: tensor(mask, bins),
        element: tensor(element, config.elements.length),
        ...(toldSigma && { energySigma: tensor(energySigma, 1) }),
      });
      const arrays: Record<string, Float32Array> = {};
      for (const [name, { data }] of Object.entries(outputs))
        arrays[name] = (data as Float32Array).subarray(0, (data.length / rows) * size);
      return arrays;
    },
    close: () => session.release(),
  };
}

/** Of one size all calls are, or of its multiples: see filledUp. */
const CUDA_ROWS = 256;

/**
 * The rows of a call by CUDA with so many scans. For each size that it has not seen, cuDNN searches for the fastest
 * algorithms, 130 to 190 ms long, and the binding cannot tell it not to; a call of 256 rows takes as long as one of 16
 * (2.7 ms on an H200).
 */
const filledUp = (size: number): number => Math.ceil(size / CUDA_ROWS) * CUDA_ROWS;

/** With zeros behind: rows know nothing of each other. */
function padded(values: Float32Array, length: number): Float32Array {
  if (values.length === length) return values;
  const longer = new Float32Array(length);
  longer.set(values);
  return longer;
}

function onCores(onnx: Uint8Array, threads: number): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(onnx, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    extra: { session: { intra_op: { allow_spinning: '0' } } }, // spinning would starve Node
  });
}

/** @throws FatalError where there is no GPU that WebGPU can use */
async function onWebgpu(onnx: Uint8Array): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(onnx, {
      // Its other layout, NHWC, gets a shape of our graph wrong (onnxruntime 1.30).
      executionProviders: [{ name: 'webgpu', preferredLayout: 'NCHW' }],
      logSeverityLevel: 3, // shapes are computed on the cores, as it says of each session
    });
  } catch (error) {
    throw new FatalError(
      `Expected a GPU for the engine onnxruntime-webgpu, by Vulkan, Metal or Direct3D 12: ${(error as Error).message}`,
    );
  }
}

/** @throws FatalError where the provider, CUDA's libraries or a card of NVIDIA's are missing */
async function onCuda(onnx: Uint8Array): Promise<ort.InferenceSession> {
  const file = cudaProvider();
  if (!existsSync(file))
    throw new FatalError(
      `Expected ONNX Runtime's CUDA provider for the engine onnxruntime-cuda, got no file ${file}: ${CUDA_HELP}`,
    );
  process.env.NVIDIA_TF32_OVERRIDE = '0'; // the binding passes no option on; TF32 costs up to 2e-3 in a probability
  try {
    return await ort.InferenceSession.create(onnx, { executionProviders: ['cuda'], logSeverityLevel: 3 });
  } catch (error) {
    const [told] = (error as Error).message.match(/CUDA failure[^;]*/) ?? [(error as Error).message];
    throw new FatalError(
      // Which library it does not find, the provider says on standard error alone.
      `Expected a card of NVIDIA's, cuDNN 9 and the CUDA that the provider was built for, for the engine ` +
        `onnxruntime-cuda, got: ${told.trim()} (${CUDA_HELP})`,
    );
  }
}

const CUDA_HELP = 'docs/operate.md#gpu says how it is installed';

/** No part of the package: `npm run setup -- cuda` fetches it, or the package's install script where it is run. */
const cudaProvider = (): string =>
  join(
    dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')),
    `bin/napi-v6/${process.platform}/${process.arch}/libonnxruntime_providers_cuda.so`,
  );

const SESSIONS: Readonly<
  Record<OnnxruntimeName, (onnx: Uint8Array, threads: number) => Promise<ort.InferenceSession>>
> = { onnxruntime: onCores, 'onnxruntime-webgpu': onWebgpu, 'onnxruntime-cuda': onCuda };
