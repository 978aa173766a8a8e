import { expect, test } from '@jest/globals';
import type * as tfjs from '@tensorflow/tfjs-core';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { predictorOn } from '../../../src/model/load-model.ts';
import { loadTensorflow } from '../../../src/model/load-tensorflow.ts';
import { graphOf } from '../../../src/model/network.ts';
import type { NetworkConfig } from '../../../src/model/network-config.ts';
import { tfjsEngine } from '../../../src/model/tfjs-engine.ts';
import { tfjsOps } from '../../../src/model/tfjs-ops.ts';
import { seededRandom } from '../../../workbench/data/random.ts';
import { bodyOf } from '../../../workbench/training/body-of.ts';
import { parametersOf } from '../../../workbench/training/save-model.ts';
import { initialValues } from '../../../workbench/training/train-network.ts';
import { distance, readGolden, WEIGHTS } from '../../model/golden.ts';

const tf = loadTensorflow('@tensorflow/tfjs-node');
const { manifest } = openBundle(WEIGHTS);

test('hard attention takes the k best alone, and only these learn', () => {
  const ops = tfjsOps(tf, { parameter: () => tf.zeros([1]) });
  const best = (x: tfjs.Tensor) => ops.softmaxOfLargest(x, 2);
  const scores = tf.tensor([1, 3, 2, 3, 1, 1], [1, 2, 3]);
  const [first, tied] = rowsOf(best(scores));
  const share = Math.E / (1 + Math.E);
  expect(first![0]).toBe(0);
  expect(first![1]).toBeCloseTo(share, 6);
  expect(first![2]).toBeCloseTo(1 - share, 6);
  expect(tied![1]).toBeGreaterThan(0.05);
  expect(tied![1]).toBe(tied![2]); // neither goes before the other

  const slopes = tf.grad((x) => tf.sum(tf.slice(best(x), [0, 0, 1], [1, 1, 1])))(scores);
  const [slope] = rowsOf(slopes);
  expect(slope![0]).toBe(0);
  expect(slope![1]).toBeCloseTo(share * (1 - share), 6);
  expect(slope![2]).toBeCloseTo(-share * (1 - share), 6);
});

/** Of [1, rows, n]. */
const rowsOf = (x: tfjs.Tensor): number[][] => (x.arraySync() as number[][][])[0]!;

test('the answer to a spectrum does not depend on what it is batched with', async () => {
  const network: NetworkConfig = { ...manifest.network, architecture: 'amformer', channels: 8, features: 16 };
  const random = seededRandom(1);
  const weights = new Map(
    parametersOf(network).map(({ name, shape }) => [name, initialValues(shape, 'glorot', random)]),
  );
  const engine = tfjsEngine('tfjs-node', network, weights, graphOf(network, bodyOf(network)));
  const predictor = predictorOn(engine, network);
  const inputs = readGolden().map(({ input }) => input);
  const together = await predictor.predict(inputs);
  const [alone] = await predictor.predict(inputs.slice(0, 1));
  await predictor.close();
  expect(inputs.length).toBeGreaterThan(2);
  const plain = ({ embedding }: { readonly embedding: Float32Array }) => ({ embedding: [...embedding] });
  expect(distance(plain(alone!), plain(together[0]!))).toBeLessThan(1e-6);
});
