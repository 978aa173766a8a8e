import { availableParallelism } from 'node:os';
import * as ort from 'onnxruntime-node';
import type { Engine } from './engine.ts';
import type { NetworkConfig } from './network-config.ts';

/**
 * @param onnx the bytes of an ONNX file: those that were verified, and not what may lie there by now
 * @param threads more than four cost more in hand-over than they gain on a network this small
 */
export async function onnxruntimeEngine(
  onnx: Uint8Array,
  config: Pick<NetworkConfig, 'offsetsEv' | 'elements'>,
  threads = Math.min(4, availableParallelism()),
): Promise<Engine> {
  const session = await ort.InferenceSession.create(onnx, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    extra: { session: { intra_op: { allow_spinning: '0' } } }, // spinning would starve Node
  });
  const bins = config.offsetsEv.length;
  const toldSigma = session.inputNames.includes('energySigma');
  return {
    name: 'onnxruntime',
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
