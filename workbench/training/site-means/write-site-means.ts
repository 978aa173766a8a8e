import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '../../../src/bundle.ts';
import { madeFor } from '../../../src/bundle-json.ts';
import { MEAN_NAMES, type MeanName } from '../../../src/messages/prediction.ts';
import { type SiteMeansFile, siteMeansConfig } from '../../../src/model/parse-site-means.ts';
import { writeBundle } from '../../bundle/write-bundle.ts';
import type { Site } from '../../data/dataset.ts';
import { consoleProgress } from '../progress.ts';
import { floatBytes } from '../save-model.ts';
import { exportSiteMeans } from './export-site-means.ts';
import { type SiteMeansRecipe, trainSiteMeans } from './train-site-means.ts';

const SIZE = { channels: [24, 40] as const, features: 192, dropout: 0.2 };
/** Copper has sites enough for SPT to be as good on clean spectra; of the others few were ever seen. */
const BLEND = { Cu: 0.5, other: 0.8 };

/**
 * Trains the network that reads means over sites and writes it beside a model's weights: site-means.json, .bin, .onnx.
 * @param sites what the model was trained on; oxygen is left out
 */
export function writeSiteMeans(
  directory: string,
  sites: readonly Site[],
  recipe: SiteMeansRecipe,
  command: string,
): void {
  const { manifest, files } = openBundle(directory, { gate: 'optional' });
  const metals = sites.filter(({ element }) => element !== 'O');
  const classes = Object.fromEntries(MEAN_NAMES.map((name) => [name, classesOf(name, metals)])) as Record<
    MeanName,
    number[]
  >;
  const config = siteMeansConfig(
    { ...SIZE, channels: [...SIZE.channels], classes, blend: BLEND },
    manifest.network,
  );
  const progress = consoleProgress();
  progress.say(`${directory}: ${metals.length} spectra, seed ${recipe.seed}`);
  const startedAt = performance.now();
  const { weights, losses } = trainSiteMeans(metals, config, {
    ...manifest,
    recipe,
    afterEpoch(epoch, loss) {
      const left = ((performance.now() - startedAt) / epoch) * (recipe.epochs - epoch);
      progress.say(
        `epoch ${epoch}/${recipe.epochs}  loss ${loss.toFixed(3)}  ${Math.ceil(left / 60_000)} min left`,
      );
    },
  });
  const { parameters, onnx } = exportSiteMeans(config, weights);
  const file: SiteMeansFile = {
    madeFor: madeFor('site-means.json', files),
    command,
    seed: recipe.seed,
    epochs: recipe.epochs,
    spectra: metals.length,
    losses: losses.map((loss) => Number(loss.toFixed(4))),
    ...SIZE,
    channels: [...SIZE.channels],
    blend: BLEND,
    classes,
    parameters: parameters.map(({ name, shape }) => ({ name, shape: [...shape] })),
  };
  writeFileSync(
    join(directory, 'site-means.bin'),
    floatBytes(parameters.map(({ name }) => weights.get(name)!)),
  );
  writeFileSync(join(directory, 'site-means.onnx'), onnx);
  writeFileSync(join(directory, 'site-means.json'), `${JSON.stringify(file)}\n`);
  writeBundle(directory);
}

/** A class that fewer than three training spectra have cannot be learned. */
function classesOf(name: MeanName, sites: readonly Site[]): number[] {
  const counts = new Map<number, number>();
  for (const { labels } of sites) {
    const value = labels[name];
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts.keys()].filter((value) => counts.get(value)! >= 3).sort((a, b) => a - b);
}
