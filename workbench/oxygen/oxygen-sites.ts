import type { DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { ElementReference, EnergyGrid } from '../../src/messages/prepared.ts';
import { everySite, type Site, toInput } from '../data/dataset.ts';
import { perturb } from '../data/perturb.ts';
import { seededRandom } from '../data/random.ts';
import { readTrainingData } from '../data/training-data.ts';
import { defaultGrid } from '../training/grid.ts';
import { fitReferences } from '../training/references.ts';

/** Where oxygen's spectra lie. */
export const OXYGEN_FOLDERS: readonly string[] = [
  'data/battery-feff10',
  'data/battery-extended',
  'data/oxygen-feff10',
];

/** What there is to learn of an oxygen: its oxidation state is -2 in all of them. */
export const LEARNED = ['CN', 'CN2', 'PSGO', 'NNOSM', 'NNRS'] as const satisfies DescriptorName[];
export type Learned = (typeof LEARNED)[number];

/** White noise on each point, sigma; the first is none. */
export const SIGMAS = [0, 0.01, 0.02, 0.05, 0.1] as const;

export type OxygenSites = {
  /** Those that cover the grid. */
  readonly sites: readonly Site[];
  readonly reference: ElementReference;
  readonly grid: EnergyGrid;
};

/** @throws FatalError where there is no file, or one cannot be read */
export function readOxygen(folders: readonly string[]): OxygenSites {
  const all = everySite(readTrainingData(folders)).filter(({ element }) => element === 'O');
  const grid = defaultGrid();
  const [reference] = fitReferences(all, {}); // its energy is in a table: nothing is fitted
  return {
    sites: all.filter((site) => toInput(site, reference!, grid) !== null),
    reference: reference!,
    grid,
  };
}

/** Each with noise of its own: the same for every model that asks with the same sites. */
export function withNoise(sites: readonly Site[], sigma: number): Site[] {
  const random = seededRandom(1);
  return sites.map((site) => perturb(site, { noise: sigma }, 0, random));
}
