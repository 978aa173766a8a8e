import { availableParallelism } from 'node:os';
import * as ort from 'onnxruntime-node';
import { FatalError } from '../errors.ts';
import type { Engine, EngineName } from './engine.ts';
import type { NetworkConfig } from './network-config.ts';

/**
 * @param onnx the bytes of an ONNX file: those that were verified, and not what may lie there by now
 * @param name on the cores, or by WebGPU on whatever GPU the system's Vulkan, Metal or Direct3D 12 offers
 * @param threads more than four cost more in hand-over than they gain on a network this small
 */
export async function onnxruntimeEngine(
  onnx: Uint8Array,
  config: Pick<NetworkConfig, 'offsetsEv' | 'elements'>,
  name: Extract<EngineName, `onnxruntime${string}`> = 'onnxruntime',
  threads = Math.min(4, availableParallelism()),
): Promise<Engine> {
  const session = await (name === 'onnxruntime' ? onCores(onnx, threads) : onGpu(onnx));
  const bins = config.offsetsEv.length;
  const toldSigma = session.inputNames.includes('energySigma');
  return {
    name,
    async run({ size, mu, mask, element, energySigma }) {
      const outputs = await session.run({
        mu: new ort.Tensor('float32', mu, [size, bins]),
        mask: new ort.Tensor('float32', mask, [size, bins]),
        element: new ort.Tensor('float32', element, [size, config.elements.length]),
        ...(toldSigma && { energySigma: new ort.Tensor('float32', energySigma, [size, 1]) }),
      });
      const arrays: Record<string, Float32Array> = {};
      for (const [name, tensor] of Object.entries(outputs)) arrays[name] = tensor.data as Float32Array;
      return arrays;
    },
    close: () => session.release(),
  };
}

const onCores = (onnx: Uint8Array, threads: number): Promise<ort.InferenceSession> =>
  ort.InferenceSession.create(onnx, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    extra: { session: { intra_op: { allow_spinning: '0' } } }, // spinning would starve Node
  });

/** @throws FatalError where there is no GPU that WebGPU can use */
async function onGpu(onnx: Uint8Array): Promise<ort.InferenceSession> {
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
