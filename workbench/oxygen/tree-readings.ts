import { join } from 'node:path';
import { askTrees, TREES_CACHE, type TreeModel } from '../comparison/trees/ask-trees.ts';
import { writeSpectra } from '../comparison/trees/write-spectra.ts';
import { type Site, toInput } from '../data/dataset.ts';
import { FOLDS } from '../data/folds.ts';
import { LEARNED, type OxygenSites, SIGMAS, withNoise } from './oxygen-sites.ts';
import type { Reading } from './reading.ts';

const MODEL: TreeModel = 'extra-trees';
/** Augmented ones beside each clean spectrum, as for copper. */
const COPIES = 2;

/** Trees on the same rows, each family judged by trees that saw none of it. They state no confidence. */
export async function treeReadings(
  { sites, reference, grid }: OxygenSites,
  python: string,
): Promise<ReadonlyMap<number, readonly Reading[]>> {
  const folder = join(TREES_CACHE, 'oxygen');
  const runs = FOLDS.map(({ fold, held, others }) => {
    const kept = held(sites);
    const trained = new Set(others(sites));
    return {
      name: `fold-${fold}`,
      isTrain: (site: Site) => trained.has(site),
      isHeld: (site: Site) => kept.includes(site),
      held: SIGMAS.map((sigma) => ({
        sigma,
        inputs: withNoise(kept, sigma).map((site) => toInput(site, reference, grid)!),
      })),
    };
  });
  writeSpectra({ folder, sites, reference, grid, copies: COPIES, descriptors: LEARNED, runs });
  const known = runs.map(({ name }) => name);
  const answers = await askTrees({ folder, models: [MODEL], known, runs: known, python, fresh: false });
  return new Map(
    SIGMAS.map((sigma) => [
      sigma,
      answers.flatMap(({ run, predictions }) => {
        const { fold, held } = FOLDS.find((each) => `fold-${each.fold}` === run)!;
        const said = predictions[String(sigma)]!;
        return held(sites).map((site, i): Reading => {
          const values = Object.fromEntries(LEARNED.map((name) => [name, said[name]![i]!]));
          return { site, fold, values, confidences: {} };
        });
      }),
    ]),
  );
}
