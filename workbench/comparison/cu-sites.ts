import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FatalError } from '../../src/common/errors.ts';
import type { ElementReference, EnergyGrid, ModelInput } from '../../src/messages/prepared.ts';
import { madeBy } from '../data/data-folders.ts';
import { readSites, type Site, toInput } from '../data/dataset.ts';
import { foldOfSite } from '../data/folds.ts';
import { perturb } from '../data/perturb.ts';
import { seededRandom } from '../data/random.ts';

/** Noise levels of the comparison. */
export const COMPARED_SIGMAS = [0, 0.05] as const;

/** As the scores of a fold name them. */
export const levelOf = (sigma: number): string => (sigma === 0 ? 'clean' : String(sigma));

export type CuSite = Site & { readonly split: 'train' | 'val' | 'test'; readonly fold: number };

/** All sites of cu-feff9, the published splits one after the other: 4749, in the order in which noise is drawn. */
export function readCuSites(data: string): CuSite[] {
  return (['train', 'val', 'test'] as const).flatMap((split) => {
    const file = join(data, `cu-feff9/${split}.jsonl.gz`);
    if (!existsSync(file))
      throw new FatalError(
        `Expected copper spectra at ${file}: give --data or set XANES_DATA${madeBy(file)}`,
      );
    return readSites(file).map((site) => ({ ...site, split, fold: foldOfSite(site) }));
  });
}

/**
 * Held-out sites that cover the grid, with noise of sigma on each point. The same draws for every model that asks with
 * the same sites in the same order, so that differences between models are paired; those of `npm run evaluate` with
 * seed 1.
 */
export function heldInputs<T extends Site>(
  held: readonly T[],
  sigma: number,
  reference: ElementReference,
  grid: EnergyGrid,
): { readonly site: T; readonly input: ModelInput }[] {
  const random = seededRandom(1);
  return held.flatMap((site) => {
    const input = toInput(perturb(site, { noise: sigma }, reference.referenceEv, random), reference, grid);
    return input === null ? [] : [{ site, input }];
  });
}
