import { expect, test } from '@jest/globals';
import { loadTensorflow } from '../../../../src/model/load-tensorflow.ts';
import { siteMeansConfig } from '../../../../src/model/parse-site-means.ts';
import type { Site } from '../../../../workbench/data/dataset.ts';
import type { Mixture } from '../../../../workbench/training/site-means/draw-mixtures.ts';
import { siteMeansLoss } from '../../../../workbench/training/site-means/site-means-loss.ts';
import { trainSiteMeans } from '../../../../workbench/training/site-means/train-site-means.ts';
import { manifest, nickelSites } from './nickel-sites.ts';

const tf = loadTensorflow('@tensorflow/tfjs-node');
const classes = { OS: [2, 3, 4], CN: [4, 6], OCN: [4, 6] };
const config = siteMeansConfig(
  { channels: [4, 6], features: 16, dropout: 0, classes, blend: { other: 0.8 } },
  manifest.network,
);

type Raw = {
  readonly shares: number[];
  readonly within: number[];
  readonly logSigma: number;
  readonly mixed: number;
};
/** What the network would say of oxidation states of one example a row; of coordination nothing is known. */
function lossOf(rows: readonly Raw[], batch: readonly Mixture[]): number {
  return tf.tidy(() => {
    const tensors = (of: readonly Raw[]) => ({
      shares: tf.tensor(of.map(({ shares }) => shares)),
      within: tf.tensor(of.map(({ within }) => within)),
      logSigma: tf.tensor(of.map(({ logSigma }) => [logSigma])),
      mixed: tf.tensor(of.map(({ mixed }) => [mixed])),
    });
    const nothing = rows.map(() => ({ shares: [0, 0], within: [0, 0, 0], logSigma: 0, mixed: 0 }));
    const raw = { OS: tensors(rows), CN: tensors(nothing), OCN: tensors(nothing) };
    return siteMeansLoss(tf, raw, batch, config).dataSync()[0]!;
  });
}
const siteOf = (OS: number, weight = 1): Site => ({
  ...nickelSites[0]!,
  labels: { OS },
  weights: { OS: weight },
});
const single = (OS: number, weight = 1): Mixture => ({ sites: [siteOf(OS, weight)], shares: [1] });
/** Says nothing: every class is as likely, the mean is 3. */
const EVEN: Raw = { shares: [0, 0, 0], within: [0, 0, 0, 0], logSigma: 0, mixed: 0 };

test('it is the sum of its parts', () => {
  // Truth 2, mean 3, sigma 1: squared error 1, error over sigma 1.
  const expected = Math.log(3) + 0.7 * Math.log(4) + 0.5 * 1 + 0.3 * (1 + 0) + 0.3 * Math.log(2);
  expect(lossOf([EVEN], [single(2)])).toBeCloseTo(expected, 5);
  const mixture = { sites: [siteOf(2), siteOf(4)], shares: [0.25, 0.75] }; // mean 3.5: within a quarter of none
  const raw = { shares: [1, 0, 2], within: [0, 0, 0, 3], logSigma: -1, mixed: 2 };
  const total = Math.exp(1) + 1 + Math.exp(2);
  const mean = (2 * Math.exp(1) + 3 + 4 * Math.exp(2)) / total;
  const shares = -(0.25 * (1 - Math.log(total)) + 0.75 * (2 - Math.log(total)));
  const within = -(3 - Math.log(Math.exp(3) + 3));
  const square = (mean - 3.5) ** 2;
  const likelihood = Math.abs(mean - 3.5) * Math.exp(1) - 1;
  const mixed = Math.log(1 + Math.exp(2)) - 2;
  expect(lossOf([raw], [mixture])).toBeCloseTo(
    shares + 0.7 * within + 0.5 * square + 0.3 * likelihood + 0.3 * mixed,
    4,
  );
});

test('what is said rightly costs less than what is said wrongly', () => {
  const cost = (change: Partial<Raw>, truth: Mixture) => lossOf([{ ...EVEN, ...change }], [truth]);
  for (const [right, wrong] of [
    [{ shares: [4, 0, 0] }, { shares: [0, 0, 4] }],
    [{ within: [4, 0, 0, 0] }, { within: [0, 0, 0, 4] }],
    [{ mixed: -2 }, { mixed: 2 }],
  ])
    expect(cost(right!, single(2))).toBeLessThan(cost(wrong!, single(2)));
  const mixture = { sites: [siteOf(2), siteOf(3)], shares: [0.5, 0.5] };
  expect(cost({ within: [0, 0, 0, 4] }, mixture)).toBeLessThan(cost({ within: [4, 0, 0, 0] }, mixture));
  expect(cost({ mixed: 2 }, mixture)).toBeLessThan(cost({ mixed: -2 }, mixture));
});

test('examples count by their weights, and those without a label or of a rare class do not', () => {
  const rows = [EVEN, { ...EVEN, shares: [0, 0, 6] }];
  const [first, second] = [lossOf([rows[0]!], [single(2)]), lossOf([rows[1]!], [single(2)])];
  expect(lossOf(rows, [single(2), single(2)])).toBeCloseTo((first + second) / 2, 4);
  expect(lossOf(rows, [single(2), single(2, 0.25)])).toBeCloseTo((first + 0.25 * second) / 1.25, 4);
  const unknown = { sites: [{ ...siteOf(2), labels: {} }], shares: [1] };
  const rare = { sites: [siteOf(2), siteOf(5)], shares: [0.9, 0.1] };
  for (const other of [unknown, rare]) expect(lossOf(rows, [single(2), other])).toBeCloseTo(first, 5);
});

test('the gradient of the likelihood does not reach the mean', () => {
  const shares = tf.variable(tf.tensor([[0.3, 0, 0]]));
  const gradientAt = (logSigma: number): number[] =>
    tf.tidy(() => {
      const none = () => ({
        shares: tf.zeros([1, 2]),
        within: tf.zeros([1, 3]),
        logSigma: tf.zeros([1, 1]),
        mixed: tf.zeros([1, 1]),
      });
      const { grads } = tf.variableGrads(() => {
        const os = {
          shares: tf.mul(shares, 1),
          within: tf.zeros([1, 4]),
          logSigma: tf.tensor([[logSigma]]),
          mixed: tf.zeros([1, 1]),
        };
        return siteMeansLoss(tf, { OS: os, CN: none(), OCN: none() }, [single(2)], config);
      }, [shares]);
      return [...grads[shares.name]!.dataSync()];
    });
  expect(gradientAt(-3)).toEqual(gradientAt(2)); // however sure it is
  expect(gradientAt(0).some((value) => Math.abs(value) > 0.1)).toBe(true);
  shares.dispose();
});

test('a training run lowers the loss, and the same seed gives the same weights', () => {
  const sites = nickelSites.filter(({ labels }) => labels.OS !== undefined).slice(0, 24);
  const recipe = {
    ...{ epochs: 12, batchSize: 12, learningRate: 0.01, weightDecay: 0.01, repeat: 1, mixtures: 0.5 },
    seed: 1,
  };
  const { grid, references } = manifest;
  const train = (epochs: number) => {
    const seen: number[] = [];
    const trained = trainSiteMeans(sites, config, {
      ...{ grid, references, recipe: { ...recipe, epochs } },
      afterEpoch: (epoch) => seen.push(epoch),
    });
    expect(seen).toEqual(Array.from({ length: epochs }, (_, i) => i + 1));
    return trained;
  };
  const { losses, weights } = train(12);
  expect(losses).toHaveLength(12);
  expect(losses.at(-1)!).toBeLessThan(0.8 * losses[0]!);
  expect([...weights.values()].every((values) => values.every(Number.isFinite))).toBe(true);
  const before = tf.memory().numTensors;
  expect(train(2)).toEqual(train(2));
  expect(tf.memory().numTensors).toBe(before);
});
