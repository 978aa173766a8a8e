import type { DescriptorName } from '../../../src/messages/descriptor-names.ts';
import { toInput } from '../../data/dataset.ts';
import { defaultGrid } from '../../training/grid.ts';
import { fitReferences, MEASURED_SHIFTS_EV } from '../../training/references.ts';
import { COMPARED_SIGMAS, type CuSite, heldInputs, readCuSites } from '../cu-sites.ts';
import { type Exported, writeSpectra } from './write-spectra.ts';

const FOLDS = ['fold-0', 'fold-1', 'fold-2', 'fold-3', 'fold-4'] as const;
/** The published splits, and the folds of the cross-validation. */
export const RUN_NAMES = ['test', 'val', ...FOLDS] as const;
export type RunName = (typeof RUN_NAMES)[number];

export const EXPORTED_LABELS = [
  'OS',
  'CN',
  'CN2',
  'OCN',
  'PSGO',
  'NNRS',
  'MOOD',
] as const satisfies DescriptorName[];

/**
 * Writes the copper spectra for trees.py.
 * @returns the sites that cover the grid, in the order of the rows, and what meta.json says
 */
export function exportSpectra(
  data: string,
  copies: number,
  folder: string,
): { readonly sites: readonly CuSite[]; readonly exported: Exported<RunName> } {
  const all = readCuSites(data);
  const grid = defaultGrid();
  const [reference] = fitReferences(
    all.filter(({ split }) => split === 'train'),
    MEASURED_SHIFTS_EV,
  );
  const sites = all.filter((site) => toInput(site, reference!, grid) !== null);
  const runs = RUN_NAMES.map((name) => {
    const partOf = name === 'test' || name === 'val' ? splitRun(name) : foldRun(name);
    const isHeld = (site: CuSite) => partOf(site) === 'held';
    return {
      name,
      isTrain: (site: CuSite) => partOf(site) === 'train',
      isHeld,
      held: COMPARED_SIGMAS.map((sigma) => ({
        sigma,
        inputs: heldInputs(all.filter(isHeld), sigma, reference!, grid).map(({ input }) => input),
      })),
    };
  });
  const exported = writeSpectra({
    ...{ folder, sites, reference: reference!, grid, copies, runs },
    descriptors: EXPORTED_LABELS,
  });
  return { sites, exported };
}

/** By the published splits: what is neither trained on nor held out is left out. */
const splitRun = (held: 'test' | 'val') => (site: CuSite) =>
  site.split === held ? 'held' : site.split === 'train' ? 'train' : 'neither';

const foldRun = (name: RunName) => (site: CuSite) => (name === `fold-${site.fold}` ? 'held' : 'train');
