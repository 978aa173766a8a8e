import type { Prediction } from '../messages/prediction.ts';
import { type Reject, reject } from '../messages/reject.ts';

/** The prediction itself where all its numbers are finite; else why nothing may be made of it. */
export function checkPrediction(prediction: Prediction): Prediction | Reject {
  for (const [name, output] of Object.entries(prediction.outputs)) {
    const numbers = output.kind === 'class' ? output.probabilities : [output.mean, output.sigma];
    if (!Array.prototype.every.call(numbers, Number.isFinite)) return notFinite(name);
  }
  for (const [name, read] of Object.entries(prediction.siteMeans ?? {})) {
    const finite = [read.mean, read.sigma, read.mixed].every(Number.isFinite);
    if (!finite || !read.shares.every(Number.isFinite) || !read.within.every(Number.isFinite))
      return notFinite(`the mean of ${name}`);
  }
  return prediction.embedding.every(Number.isFinite) ? prediction : notFinite('its representation');
}

const notFinite = (what: string): Reject =>
  reject(
    'prediction-failed',
    `Expected the model to answer this scan with finite numbers, got others for ${what}`,
  );
