import { scaleProbabilities } from '../../src/gating/scale-probabilities.ts';

/**
 * The temperature at which the confidence of the likeliest class is what comes true: the likelihood of being right or
 * wrong is maximised, by golden section over 0.3 to 5. Guo et al. (On Calibration of Modern Neural Networks, arXiv
 * 1706.04599) maximise that of the true class among all, to which a few spectra with a label that nothing speaks for
 * count so much that the usual answer comes out too unsure.
 * @param rows probabilities of each spectrum and the index of its true class; -1 for a class that the network lacks
 */
export function fitTemperature(
  rows: readonly { readonly probabilities: ArrayLike<number>; readonly truth: number }[],
): number {
  const cost = (logTemperature: number): number => {
    const temperature = Math.exp(logTemperature);
    let sum = 0;
    for (const { probabilities, truth } of rows) {
      const scaled = scaleProbabilities(probabilities, temperature);
      const confidence = Math.max(...scaled);
      const likelihood = scaled[truth] === confidence ? confidence : 1 - confidence;
      sum -= Math.log(Math.max(likelihood, 1e-12));
    }
    return sum;
  };
  const ratio = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(0.3);
  let high = Math.log(5);
  let left = high - ratio * (high - low);
  let right = low + ratio * (high - low);
  let [costLeft, costRight] = [cost(left), cost(right)];
  for (let i = 0; i < 24; i += 1) {
    if (costLeft < costRight) {
      high = right;
      [right, costRight] = [left, costLeft];
      left = high - ratio * (high - low);
      costLeft = cost(left);
    } else {
      low = left;
      [left, costLeft] = [right, costRight];
      right = low + ratio * (high - low);
      costRight = cost(right);
    }
  }
  return Math.exp(0.5 * (low + high));
}
