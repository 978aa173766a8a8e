import type * as tfjs from '@tensorflow/tfjs-core';
import { LEAKY_SLOPE, type Ops } from '../../src/model/ops.ts';
import type { Tf } from '../../src/model/tfjs-ops.ts';
import type { Random } from '../data/random.ts';

/**
 * Operations whose gradient tfjs composes of many small ones (or, for dropout, draws in JavaScript), each as the one
 * operation that TensorFlow's library has for it: a training step takes less than half the time. Needs tfjs-node.
 */
export function nativeGradients(
  tf: Tf,
  random: Random,
): Pick<Ops<tfjs.Tensor>, 'relu' | 'leakyRelu' | 'maxPool1d' | 'dropout'> {
  const run = nativeOperation(tf);
  return {
    relu: tf.customGrad((x, save) => {
      const value = tf.relu(x as tfjs.Tensor);
      (save as tfjs.GradSaveFunc)([value]);
      return {
        value,
        gradFunc: (dy, saved) => run('ReluGrad', [dy, (saved as tfjs.Tensor[])[0]!], { T: 'float' }),
      };
    }),
    leakyRelu: tf.customGrad((x, save) => {
      const input = x as tfjs.Tensor;
      (save as tfjs.GradSaveFunc)([input]);
      return {
        value: run('LeakyRelu', [input], { T: 'float', alpha: LEAKY_SLOPE }),
        gradFunc: (dy, saved) => {
          return run('LeakyReluGrad', [dy, (saved as tfjs.Tensor[])[0]!], { T: 'float', alpha: LEAKY_SLOPE });
        },
      };
    }),
    maxPool1d(x) {
      const [b, l, c] = x.shape as [number, number, number];
      const flat = tf.reshape(x, [b, 1, l, c]) as tfjs.Tensor4D;
      return tf.reshape(tf.maxPool(flat, [1, 2], [1, 2], 'valid'), [b, l / 2, c]);
    },
    dropout(x, rate) {
      if (rate === 0) return x;
      const seed = tf.tensor1d([random.uniform() * 2 ** 31, random.uniform() * 2 ** 31], 'int32');
      const uniform = run('StatelessRandomUniform', [tf.tensor1d(x.shape, 'int32'), seed], {
        T: 'int32',
        Tseed: 'int32',
        dtype: 'float',
      });
      const kept = tf.cast(tf.greaterEqual(uniform, rate), 'float32');
      return tf.mul(x, tf.mul(kept, 1 / (1 - rate)));
    },
  };
}

type NativeBackend = {
  readonly binding: Readonly<Record<string, number>>;
  executeSingleOutput(
    name: string,
    attributes: readonly { name: string; type: number; value: number }[],
    inputs: readonly tfjs.Tensor[],
  ): tfjs.Tensor;
};

/** Runs an operation of TensorFlow's library that tfjs has no function for. */
function nativeOperation(tf: Tf) {
  const backend = tf.backend() as unknown as NativeBackend;
  const { binding } = backend;
  const types: Readonly<Record<string, number>> = { float: binding.TF_FLOAT!, int32: binding.TF_INT32! };
  return (name: string, inputs: readonly tfjs.Tensor[], attributes: Record<string, string | number>) => {
    const list = Object.entries(attributes).map(([attribute, value]) =>
      typeof value === 'string'
        ? { name: attribute, type: binding.TF_ATTR_TYPE!, value: types[value]! }
        : { name: attribute, type: binding.TF_ATTR_FLOAT!, value },
    );
    return backend.executeSingleOutput(name, list, inputs);
  };
}
