import { createRequire } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs-core';
import type { Engine, EngineName } from './engine.ts';
import { loadTensorflow } from './load-tensorflow.ts';
import type { NetworkConfig } from './network-config.ts';
import type { Ops } from './ops.ts';
import type { SiteMeansInput } from './site-means.ts';
import { type Tf, tfjsOps } from './tfjs-ops.ts';

/** A network from its inputs to its outputs by name. */
export type Graph = <T>(ops: Ops<T>, input: SiteMeansInput<T>) => Record<string, T>;

export type TfjsEngineName = Extract<EngineName, `tfjs${string}`>;

export function tfjsEngine(
  name: TfjsEngineName,
  config: Pick<NetworkConfig, 'offsetsEv' | 'elements'>,
  weights: ReadonlyMap<string, Float32Array>,
  graph: Graph,
): Engine {
  const tf = name === 'tfjs' ? loadPlain() : loadTensorflow(`@tensorflow/${name}`);
  const backend = name === 'tfjs' ? 'cpu' : 'tensorflow';
  const parameters = new Map<string, tfjs.Tensor>();
  const constants = new Map<string, tfjs.Tensor>();
  const bins = config.offsetsEv.length;

  return {
    name,
    run(batch) {
      useBackend(tf, backend);
      const outputs = tf.tidy(() => {
        const ops = tfjsOps(tf, {
          constants,
          parameter(parameter, shape) {
            const known = parameters.get(parameter);
            if (known !== undefined) return known;
            const made = tf.keep(tf.tensor(weights.get(parameter)!, [...shape], 'float32'));
            parameters.set(parameter, made);
            return made;
          },
        });
        const input = {
          mu: tf.tensor(batch.mu, [batch.size, bins], 'float32'),
          mask: tf.tensor(batch.mask, [batch.size, bins], 'float32'),
          element: tf.tensor(batch.element, [batch.size, config.elements.length], 'float32'),
          energySigma: tf.tensor(batch.energySigma, [batch.size, 1], 'float32'),
        };
        return graph(ops, input);
      });
      const arrays: Record<string, Float32Array> = {};
      for (const [output, tensor] of Object.entries(outputs)) {
        arrays[output] = tensor.dataSync<'float32'>();
        tensor.dispose();
      }
      return Promise.resolve(arrays);
    },
    close() {
      for (const tensor of [...parameters.values(), ...constants.values()]) tensor.dispose();
      parameters.clear();
      constants.clear();
      return Promise.resolve();
    },
  };
}

/** Plain JavaScript: slow, but needs nothing. */
function loadPlain(): Tf {
  const require = createRequire(import.meta.url);
  const tf = require('@tensorflow/tfjs-core') as Tf;
  tf.enableProdMode(); // else the backend advises at its first use to install tfjs-node
  // tfjs-node brings the same backend along; a second copy would warn of every kernel.
  if (tf.findBackendFactory('cpu') === null) require('@tensorflow/tfjs-backend-cpu');
  return tf;
}

/** All copies of tfjs in a process share one engine with one current backend, so every run says which it means. */
function useBackend(tf: Tf, backend: string): void {
  if (tf.getBackend() !== backend) void tf.setBackend(backend); // both backends start synchronously
}
