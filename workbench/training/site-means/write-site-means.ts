import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../../src/bundle/bundle.ts';
import { MEAN_NAMES, type MeanName } from '../../../src/messages/prediction.ts';
import type { NetworkConfig } from '../../../src/model/network-config.ts';
import { type SiteMeansFile, siteMeansConfig } from '../../../src/model/parse-site-means.ts';
import type { SiteMeansConfig } from '../../../src/model/site-means.ts';
import { MADE_FILES, madeFor } from '../../../src/registry/bundle-json.ts';
import { writeBundle } from '../../bundle/write-bundle.ts';
import type { Site } from '../../data/dataset.ts';
import { classesOf } from '../make-config.ts';
import { floatBytes } from '../save-model.ts';
import { exportSiteMeans } from './export-site-means.ts';
import type { TrainedNetworks } from './trained-networks.ts';

/**
 * SPT reads clean sites better, the network of means whatever is damped or broadened. Of copper the largest share that
 * costs little on clean sites in five folds (`evaluate-cross-fit`: CN 0.883 without, 0.882, 0.871 with a half). Of the
 * others SPT saw few: with a half four measured files more are misread than with 0.8 (`measured`).
 */
const BLEND = { Cu: 0.25, other: 0.8 };
/** As it is served; train.py has rates of its own. */
const DROPOUT = 0;

/**
 * The network that is to be trained beside a model's, with the classes that its sites have.
 * @param sites what the model was trained on, without oxygen
 */
export function configFor(
  network: NetworkConfig,
  sites: readonly Site[],
  { channels, features }: Pick<TrainedNetworks, 'channels' | 'features'>,
): SiteMeansConfig {
  const classes = Object.fromEntries(
    MEAN_NAMES.map((name) => [name, classesOf(sites.flatMap(({ labels }) => labels[name] ?? []))]),
  );
  const file = { channels, features, dropout: DROPOUT, blend: BLEND };
  return siteMeansConfig({ ...file, classes: classes as Record<MeanName, number[]> }, network);
}

/**
 * Writes a trained network beside a model's weights: what describes it, its weights, and its graph.
 * @param fold that it was trained without, or `none`
 * @param made what describes it, and the command that made it
 */
export function writeSiteMeans(
  directory: string,
  config: SiteMeansConfig,
  trained: TrainedNetworks,
  fold: string,
  made: { readonly file: 'site-means.json' | 'copper-means.json'; readonly command: string },
): void {
  const { files } = openBundle(directory, { gate: 'optional' });
  const weights = trained.weights(fold);
  const { parameters, onnx } = exportSiteMeans(config, weights);
  const { channels, features, dropout, blend, classes } = config;
  const { options, torch, device, seconds } = trained;
  const file: SiteMeansFile = {
    madeFor: madeFor(made.file, files),
    ...{ command: made.command, fold, training: { options, torch, device, seconds } },
    ...{ channels: [...channels], features, dropout, blend, classes: mutable(classes) },
    parameters: parameters.map(({ name, shape }) => ({ name, shape: [...shape] })),
  };
  const values = floatBytes(parameters.map(({ name }) => weights.get(name)!));
  const { bytes, graph } = MADE_FILES[made.file];
  writeFileSync(join(directory, bytes), values);
  writeFileSync(join(directory, graph), onnx);
  writeFileSync(join(directory, made.file), `${JSON.stringify(file)}\n`);
  writeBundle(directory);
}

const mutable = ({ OS, CN, OCN }: SiteMeansConfig['classes']): Record<MeanName, number[]> => ({
  OS: [...OS],
  CN: [...CN],
  OCN: [...OCN],
});
