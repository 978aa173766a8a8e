import type { ElementReference, EnergyGrid } from '../../src/messages/prepared.ts';
import type { NetworkConfig } from '../../src/model/network-config.ts';
import { offsetsOf, type Site } from '../data/dataset.ts';
import { perturb } from '../data/perturb.ts';
import type { Random } from '../data/random.ts';

/**
 * A scan of a wide element that ends before this, counted from the middle of the edge, is judged by what calibration
 * found on scans cut short: more of its values are wrong at the same confidence.
 */
const SHORT_EV = 60;

type Reach = {
  readonly grid: EnergyGrid;
  readonly network: Pick<NetworkConfig, 'elements' | 'coverage'>;
  readonly references: readonly ElementReference[];
};

/** The first bin beyond SHORT_EV: a scan without a bin from there on is short. Null where the grid ends before. */
export function shortBin({ grid }: Pick<Reach, 'grid'>): number | null {
  const bin = grid.offsetsEv.findIndex((offset) => offset > SHORT_EV);
  return bin < 0 ? null : bin;
}

/** Whether the network reads an element beyond SHORT_EV. */
export function isWide(reach: Reach, element: string): boolean {
  const bin = shortBin(reach);
  const coverage = reach.network.coverage[reach.network.elements.indexOf(element)]; // none of an unknown element
  return bin !== null && coverage !== undefined && coverage.lastIndexOf(1) >= bin;
}

/** A wide element's spectrum, ending anywhere between the required range and SHORT_EV. */
export function cutAnywhere(site: Site, { grid, references }: Reach, random: Random): Site {
  const reference = references.find(({ element }) => element === site.element)!;
  const middleEv = site.energyEv[0]! - offsetsOf(site, reference)[0]!;
  const first = grid.requiredToEv + 1;
  return perturb(site, { endEv: first + (SHORT_EV - first) * random.uniform() }, middleEv, random);
}
