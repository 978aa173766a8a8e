import type { DescriptorOutput, Prediction, SiteMeans } from '../messages/prediction.ts';
import { MEAN_NAMES } from '../messages/prediction.ts';

/**
 * Puts what the network of site means says of classes together with what SPT says: `share` of it, by the mean of their
 * probabilities. SPT saw more of clean single sites; the other one saw damped, broadened and shifted ones.
 * @param share from 0, SPT alone, to 1
 */
export function blendSiteMeans(prediction: Prediction, siteMeans: SiteMeans, share: number): Prediction {
  const outputs = { ...prediction.outputs };
  for (const name of MEAN_NAMES) {
    const output = outputs[name];
    if (output?.kind === 'class') outputs[name] = blended(output, siteMeans[name], share);
  }
  return { ...prediction, outputs, siteMeans };
}

function blended(
  { kind, classes, probabilities }: Extract<DescriptorOutput, { kind: 'class' }>,
  { classes: other, shares }: SiteMeans['OS'],
  share: number,
): DescriptorOutput {
  const mixed = probabilities.map((value) => (1 - share) * value);
  let total = 0;
  other.forEach((value, i) => {
    const index = classes.indexOf(value);
    if (index >= 0) mixed[index]! += share * shares[i]!;
  });
  for (const value of mixed) total += value;
  return { kind, classes, probabilities: mixed.map((value) => value / total) };
}
