import { expect, test } from '@jest/globals';
import type { DescriptorOutput, Prediction, SiteMean, SiteMeans } from '../../src/messages/prediction.ts';
import { blendSiteMeans } from '../../src/model/blend-site-means.ts';

const classOf = (classes: readonly number[], probabilities: readonly number[]): DescriptorOutput => ({
  ...{ kind: 'class', classes },
  probabilities: Float32Array.from(probabilities),
});
const meanOf = (classes: readonly number[], shares: readonly number[]): SiteMean => ({
  ...{ classes, shares: Float32Array.from(shares), within: new Float32Array(classes.length + 1) },
  ...{ mean: 0, sigma: 1, mixed: 0 },
});
const prediction: Prediction = {
  outputs: {
    OS: classOf([2, 3, 4], [0.2, 0.7, 0.1]),
    CN: classOf([4, 6], [0.5, 0.5]),
    CN2: classOf([4, 6], [0.3, 0.7]),
    NNRS: { kind: 'real', mean: 0.1, sigma: 0.02 },
  },
  embedding: Float32Array.of(1, 2),
};
const siteMeans: SiteMeans = {
  OS: meanOf([2, 3, 4], [0.6, 0.4, 0]),
  CN: meanOf([4, 6], [0.1, 0.9]),
  OCN: meanOf([4, 6], [0.1, 0.9]),
  outlier: 0,
};

function probabilities({ outputs }: Prediction, name: 'OS' | 'CN' = 'OS'): number[] {
  const output = outputs[name]!;
  return output.kind === 'class' ? [...output.probabilities] : [];
}
const closeTo = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 6));

test.each([
  [0, [0.2, 0.7, 0.1]],
  [0.25, [0.3, 0.625, 0.075]],
  [1, [0.6, 0.4, 0]],
])('a share of %d is the weighted mean of the probabilities', (share, expected) => {
  expect(probabilities(blendSiteMeans(prediction, siteMeans, share))).toEqual(closeTo(expected));
});

test('it holds for the descriptors whose mean is read, and the rest stays as it was', () => {
  const blended = blendSiteMeans(prediction, siteMeans, 0.5);
  expect(probabilities(blended, 'CN')).toEqual(closeTo([0.3, 0.7]));
  expect(blended.outputs.CN2).toBe(prediction.outputs.CN2);
  expect(blended.outputs.NNRS).toBe(prediction.outputs.NNRS);
  expect(blended.outputs).not.toHaveProperty('OCN');
  expect(blended.embedding).toBe(prediction.embedding);
  expect(blended.siteMeans).toBe(siteMeans);
  expect(probabilities(prediction)).toEqual(closeTo([0.2, 0.7, 0.1])); // the given one is not touched
});

test('a class that only one of the two knows keeps what that one says, and the sum stays 1', () => {
  const few = { ...siteMeans, OS: meanOf([3, 4], [0.5, 0.5]) };
  expect(probabilities(blendSiteMeans(prediction, few, 0.5))).toEqual(closeTo([0.1, 0.6, 0.3]));
  const more = { ...siteMeans, OS: meanOf([3, 4, 5], [0.2, 0.2, 0.6]) };
  const blended = probabilities(blendSiteMeans(prediction, more, 0.5));
  expect(blended).toEqual(closeTo([0.1 / 0.7, 0.45 / 0.7, 0.15 / 0.7]));
});
