import { join } from 'node:path';
import { openBundle } from '../../src/bundle/bundle.ts';
import { loadModel } from '../../src/model/load-model.ts';
import type { Site } from '../data/dataset.ts';
import { FOLDS } from '../data/folds.ts';
import { inputsOf } from '../data/inputs-of.ts';
import { crossFitFolder, madeCrossFitFolder } from '../training/cross-fit.ts';
import { learnFew, type Way } from '../transfer/training-plans.ts';
import { LEARNED, type OxygenSites, SIGMAS, withNoise } from './oxygen-sites.ts';
import { type Reading, readingOf } from './reading.ts';

/** By noise. */
export type Readings = ReadonlyMap<number, readonly Reading[]>;

/** What a network is: as the cross-fit has it, gone on from that, or made of oxygen's spectra alone. */
export type NetworkWay = 'as it is' | Way;

/**
 * Networks that saw none of a site's family: of each fold the model of the shipped model's cross-fit, which keeps the
 * same families back, as it is or fine-tuned on the oxygen of the other folds; or a network of that oxygen alone. What
 * is trained stays in `scratch`, and is trained again where its spectra are others.
 * @param shipped id of the model that was trained with --cross-fit
 * @throws FatalError where a model of the cross-fit is missing
 */
export async function networkReadings(
  shipped: string,
  way: NetworkWay,
  { sites }: OxygenSites,
  scratch: string,
): Promise<Readings> {
  const found = new Map<number, Reading[]>(SIGMAS.map((sigma) => [sigma, []]));
  for (const { fold, held, others } of FOLDS) {
    const base = way === 'from scratch' ? crossFitFolder(shipped, fold) : madeCrossFitFolder(shipped, fold);
    let directory = base;
    if (way !== 'as it is') {
      directory = join(scratch, way.replace(' ', '-'), String(fold));
      console.error(`fold ${fold + 1} of ${FOLDS.length}: ${way}, ${others(sites).length} spectra`);
      await learnFew(directory, way, base, others(sites));
    }
    for (const [sigma, readings] of await readingsOf(directory, fold, held(sites)))
      found.get(sigma)!.push(...readings);
  }
  return found;
}

async function readingsOf(directory: string, fold: number, sites: readonly Site[]): Promise<Readings> {
  const model = await loadModel(openBundle(directory, { gate: 'optional' }), { engine: 'auto' });
  const found = new Map<number, Reading[]>();
  for (const sigma of SIGMAS) {
    const known = inputsOf(withNoise(sites, sigma), model.manifest);
    const predictions = await model.predict(known.map(({ input }) => input));
    found.set(
      sigma,
      known.map(({ site }, i) => readingOf(site, fold, predictions[i]!.outputs, LEARNED)),
    );
  }
  await model.close();
  return found;
}
