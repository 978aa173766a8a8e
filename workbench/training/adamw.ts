/** First and second moments of each parameter's gradient. */
export type Moments = ReadonlyMap<string, { readonly m: Float32Array; readonly v: Float32Array }>;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101); kernels decay, biases and scales do not.
 * Computed here and not in tensors: some ten operations for each of fifty small arrays cost more than the whole update.
 * @param options.moments to go on from; they are changed
 */
export function adamW(options: { readonly weightDecay: number; readonly moments?: Moments }) {
  const [beta1, beta2, epsilon] = [0.9, 0.98, 1e-8];
  const moments = new Map(options.moments);

  return {
    moments: moments as Moments,
    /** @param values changed in place; step counts from 1 */
    update(
      name: string,
      values: Float32Array,
      gradient: Float32Array,
      now: { readonly rate: number; readonly step: number; readonly decays: boolean },
    ): void {
      let moment = moments.get(name);
      if (moment === undefined) {
        moment = { m: new Float32Array(values.length), v: new Float32Array(values.length) };
        moments.set(name, moment);
      }
      const { m, v } = moment;
      const rate = (now.rate * Math.sqrt(1 - beta2 ** now.step)) / (1 - beta1 ** now.step);
      const keep = now.decays ? 1 - now.rate * options.weightDecay : 1;
      for (let i = 0; i < values.length; i++) {
        const g = gradient[i]!;
        const mean = beta1 * m[i]! + (1 - beta1) * g;
        const square = beta2 * v[i]! + (1 - beta2) * g * g;
        m[i] = mean;
        v[i] = square;
        values[i] = keep * values[i]! - (rate * mean) / (Math.sqrt(square) + epsilon);
      }
    },
  };
}
