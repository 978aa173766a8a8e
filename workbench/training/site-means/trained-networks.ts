import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FatalError } from '../../../src/common/errors.ts';
import { MEAN_NAMES } from '../../../src/messages/prediction.ts';
import type { ModelInput } from '../../../src/messages/prepared.ts';
import { pack, siteMeansEngine } from '../../../src/model/load-model.ts';
import { parseWeights } from '../../../src/model/manifest.ts';
import { type SiteMeansConfig, unpackSiteMeans } from '../../../src/model/site-means.ts';

const numbers = z.array(z.number());
const read = z.object({ shares: numbers, within: numbers, mean: numbers, sigma: numbers, mixed: numbers });
const schema = z.object({
  /** How they were trained, by option of train.py. */
  options: z.record(z.string(), z.union([z.string(), z.number()])),
  channels: z.tuple([z.int(), z.int()]),
  features: z.int(),
  /** Version of PyTorch, where it ran, and for how long. */
  torch: z.string(),
  device: z.string(),
  seconds: z.number(),
  parameters: z.array(z.object({ name: z.string(), shape: z.array(z.int()) })),
  /** What PyTorch says with the parameters of the network without this fold, or `none`. */
  answersOf: z.string(),
  answers: z.array(
    z.object({
      element: z.int(),
      mu: z.array(z.number()),
      mask: z.array(z.number()),
      sigmaEv: z.number(),
      outlier: z.array(z.number()),
      ...{ OS: read, CN: read, OCN: read },
    }),
  ),
});

/** What train.py wrote: the networks of the folds and the whole one, which are alike but for their weights. */
export type TrainedNetworks = z.infer<typeof schema> & {
  /** @param fold that it was trained without, or `none` */
  weights(fold: string): ReadonlyMap<string, Float32Array>;
};

/** @throws FatalError where the folder was not written by train.py, or lacks a network */
export function readTrained(folder: string): TrainedNetworks {
  const bytesOf = (name: string): Buffer => {
    try {
      return readFileSync(join(folder, name));
    } catch (error) {
      throw new FatalError(
        `Expected ${name} in ${folder}, as train.py writes it: ${(error as Error).message}`,
      );
    }
  };
  const parsed = schema.safeParse(JSON.parse(bytesOf('network.json').toString()));
  if (!parsed.success)
    throw new FatalError(`${join(folder, 'network.json')}: ${z.prettifyError(parsed.error)}`);
  return {
    ...parsed.data,
    weights: (fold) => parseWeights(bytesOf(`network-${fold}.bin`), parsed.data),
  };
}

/** Rounded to six digits there, and summed in another order. */
const TOLERANCE = 2e-4;

/**
 * Compares what the parameters say here with what PyTorch said of the same inputs.
 * @throws FatalError where they differ: then the parameters mean something else to one of the two
 */
export async function requireSameAnswers(trained: TrainedNetworks, config: SiteMeansConfig): Promise<void> {
  const engine = siteMeansEngine('tfjs', { config, weights: trained.weights(trained.answersOf) });
  const inputs = trained.answers.map(
    ({ element, mu, mask, sigmaEv }): ModelInput => ({
      element: config.elements[element]!,
      edge: 'K',
      mu: Float32Array.from(mu),
      mask: Float32Array.from(mask),
      energySigmaEv: sigmaEv,
    }),
  );
  const outputs = await engine.run(pack(inputs, config));
  await engine.close();
  trained.answers.forEach((theirs, row) => {
    const ours = unpackSiteMeans(outputs, row, config);
    const pairs: [number, number][] = [[ours.outlier, theirs.outlier[0]!]];
    for (const name of MEAN_NAMES) {
      const { shares, within, mean, sigma, mixed } = theirs[name];
      const all = [...shares, ...within, ...mean, ...sigma, ...mixed];
      const own = ours[name];
      [...own.shares, ...own.within, own.mean, own.sigma, own.mixed].forEach((value, i) => {
        pairs.push([value, all[i]!]);
      });
    }
    const worst = Math.max(...pairs.map(([our, their]) => Math.abs(our - their)));
    if (!(worst <= TOLERANCE))
      throw new FatalError(
        `Expected the answers of PyTorch to case ${row} to within ${TOLERANCE}, got some that are off by ${worst}`,
      );
  });
}
