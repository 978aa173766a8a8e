import type * as tfjs from '@tensorflow/tfjs-core';
import type { Tf } from './tfjs-ops.ts';

/** Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101); kernels decay, biases and scales do not. */
export function adamW(tf: Tf, options: { readonly weightDecay: number }) {
  const [beta1, beta2, epsilon] = [0.9, 0.98, 1e-8];
  const moments = new Map<string, { m: tfjs.Variable; v: tfjs.Variable }>();
  let step = 0;

  return {
    apply(variables: ReadonlyMap<string, tfjs.Variable>, gradients: tfjs.NamedTensorMap, rate: number): void {
      step++;
      const rateNow = (rate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
      for (const [name, variable] of variables) {
        const gradient = gradients[variable.name];
        if (gradient === undefined) continue;
        let moment = moments.get(name);
        if (moment === undefined) {
          const zero = () => tf.variable(tf.zeros(variable.shape), false);
          moment = { m: zero(), v: zero() };
          moments.set(name, moment);
        }
        const { m, v } = moment;
        tf.tidy(() => {
          m.assign(tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1)));
          v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
          const kept = variable.rank > 1 ? tf.mul(variable, 1 - rate * options.weightDecay) : variable;
          variable.assign(tf.sub(kept, tf.mul(tf.div(m, tf.add(tf.sqrt(v), epsilon)), rateNow)));
        });
      }
    },
    dispose(): void {
      for (const { m, v } of moments.values()) tf.dispose([m, v]);
      moments.clear();
    },
  };
}
