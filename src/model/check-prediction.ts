import { allFinite } from '../common/all-finite.ts';
import { MEAN_NAMES, type Prediction } from '../messages/prediction.ts';
import { type Reject, reject } from '../messages/reject.ts';

/** The prediction itself where all its numbers are finite; else why nothing may be made of it. */
export function checkPrediction(prediction: Prediction): Prediction | Reject {
  for (const [name, output] of Object.entries(prediction.outputs)) {
    const numbers = output.kind === 'class' ? output.probabilities : [output.mean, output.sigma];
    if (!allFinite(numbers)) return notFinite(name);
  }
  const { siteMeans } = prediction;
  if (siteMeans !== undefined) {
    for (const name of MEAN_NAMES) {
      const { mean, sigma, mixed, shares, within } = siteMeans[name];
      if (!allFinite([mean, sigma, mixed]) || !allFinite(shares) || !allFinite(within))
        return notFinite(`the mean of ${name}`);
    }
    if (!Number.isFinite(siteMeans.outlier)) return notFinite('whether it is an outlier');
  }
  return allFinite(prediction.embedding) ? prediction : notFinite('its representation');
}

const notFinite = (what: string): Reject =>
  reject(
    'prediction-failed',
    `Expected the model to answer this scan with finite numbers, got others for ${what}`,
  );
