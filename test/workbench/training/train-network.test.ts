import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { predictorOn } from '../../../src/model/load-model.ts';
import { loadTensorflow } from '../../../src/model/load-tensorflow.ts';
import { graphOf } from '../../../src/model/network.ts';
import type { NetworkConfig } from '../../../src/model/network-config.ts';
import { tfjsEngine } from '../../../src/model/tfjs-engine.ts';
import { readSites, toInput } from '../../../workbench/data/dataset.ts';
import { seededRandom } from '../../../workbench/data/random.ts';
import { scoreDescriptors } from '../../../workbench/evaluation/score.ts';
import { bodyOf } from '../../../workbench/training/body-of.ts';
import { readCheckpoint, writeCheckpoint } from '../../../workbench/training/checkpoint.ts';
import {
  type TrainingState,
  type TrainOptions,
  trainNetwork,
} from '../../../workbench/training/train-network.ts';
import { WEIGHTS } from '../../model/golden.ts';

const { manifest, weights: shipped } = openBundle(WEIGHTS);
const sites = readSites('data/battery-feff10/sites.jsonl').filter(({ element }) => element === 'Co');
const reference = manifest.references.find(({ element }) => element === 'Co')!;

test('spt learns, and what it learned is in the weights that it hands out', async () => {
  const network: NetworkConfig = { ...manifest.network, channels: 16, features: 32, dropout: 0 };
  const { losses, weights } = await train(network, 25);
  expect(losses.at(-1)!).toBeLessThan(0.5 * losses[0]!);

  const model = predictorOn(
    tfjsEngine('tfjs-node', network, weights, graphOf(network, bodyOf(network))),
    network,
  );
  const predictions = await model.predict(sites.map((site) => toInput(site, reference, manifest.grid)!));
  await model.close();
  const [oxidation] = scoreDescriptors(
    predictions,
    sites.map(({ labels }) => labels),
  );
  const accuracy = oxidation?.kind === 'class' && oxidation.name === 'OS' ? oxidation.model.accuracy : 0;
  expect(accuracy).toBeGreaterThan(0.7); // the most frequent of the oxidation states has 0.58
});

test.each(['cnn', 'mlp', 'transformer', 'amformer'] as const)('%s learns', async (architecture) => {
  const network = { ...manifest.network, architecture, channels: 8, features: 32, dropout: 0 };
  const { losses } = await train(network, 6);
  expect(losses.at(-1)!).toBeLessThan(0.8 * losses[0]!);
});

test('labels that nobody knows leave every weight of their head as it was', async () => {
  const network = { ...manifest.network, architecture: 'mlp' as const, features: 16, dropout: 0 };
  const { weights } = await train(network, 1, ['OS']);
  expect(weights.get('head/OS/kernel')!.every((value) => value === 0)).toBe(true); // heads begin at zero
  expect(weights.get('head/CN/kernel')!.some((value) => value !== 0)).toBe(true);
});

test('a run that was broken off and resumed ends with the weights of one that was not', async () => {
  const network = { ...manifest.network, architecture: 'mlp' as const, features: 16, dropout: 0.2 };
  const whole = await train(network, 4);
  const directory = mkdtempSync(join(tmpdir(), 'checkpoint-'));
  await train(network, 4, [], {
    afterEpoch(state) {
      if (state.epoch !== 2) return;
      writeCheckpoint(directory, { seed: 1 }, { state, best: state.values, neighbourIndex: ['so far'] });
    },
  });
  const read = readCheckpoint(directory, { seed: 1 })!;
  expect(read.neighbourIndex).toEqual(['so far']);
  const rest = await train(network, 4, [], { resume: read.state });
  expect(rest.losses).toEqual(whole.losses.slice(2));
  expect(rest.weights).toEqual(whole.weights);
  expect(() => readCheckpoint(directory, { seed: 2 })).toThrow('Expected the checkpoint in');
  rmSync(directory, { recursive: true });
});

test('with distillation alone a network learns what its sources say, whatever the labels', async () => {
  const network = { ...manifest.network, architecture: 'mlp' as const, features: 16, dropout: 0 };
  const source = { config: manifest.network, weights: shipped };
  const { losses } = await train(network, 12, [], { distillFrom: { networks: [source], share: 1 } });
  expect(losses.at(-1)!).toBeLessThan(0.7 * losses[0]!);
});

test('frozen parameters stay as they were', async () => {
  const network = { ...manifest.network, architecture: 'mlp' as const, features: 16, dropout: 0 };
  const { weights } = await train(network, 1, [], { frozen: (name) => name.startsWith('head/CN/') });
  expect(weights.get('head/CN/kernel')!.every((value) => value === 0)).toBe(true); // heads begin at zero
  expect(weights.get('head/OS/kernel')!.some((value) => value !== 0)).toBe(true);
});

async function train(
  network: NetworkConfig,
  epochs: number,
  unknown: readonly string[] = [],
  options: Partial<Pick<TrainOptions, 'resume' | 'distillFrom' | 'frozen'>> & {
    afterEpoch?: (state: TrainingState) => void;
  } = {},
) {
  const random = seededRandom(1);
  const examples = sites.map((site) => {
    const labels = Object.fromEntries(
      Object.entries(site.labels).filter(([name]) => !unknown.includes(name)),
    );
    const input = toInput(site, reference, manifest.grid)!;
    return { labels, weights: site.weights, input: () => input };
  });
  const losses: number[] = [];
  let weights: ReadonlyMap<string, Float32Array> = new Map();
  await trainNetwork(loadTensorflow('@tensorflow/tfjs-node'), network, examples, {
    ...options,
    epochs,
    batchSize: 10,
    learningRate: 0.003,
    weightDecay: 0.01,
    random,
    afterEpoch({ loss, state }) {
      losses.push(loss);
      weights = state.values;
      options.afterEpoch?.(state);
      return Promise.resolve();
    },
  });
  return { losses, weights };
}
