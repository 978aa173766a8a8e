import { DESCRIPTOR_NAMES, DESCRIPTORS, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { MapPoint } from '../../src/messages/map-point.ts';
import type { MapFile } from '../../src/model/map.ts';
import type { Site } from '../data/dataset.ts';
import { mostFrequent } from '../report/statistics.ts';

export type Agreement = {
  readonly name: DescriptorName;
  readonly sites: number;
  /** Share of the sites whose nearest labelled neighbour on the map, of the same element, has their class. */
  readonly agreeing: number;
  /** The share that the most frequent class on the map, of the same element, would have. */
  readonly majority: number;
};

/**
 * Whether spectra that the map has not seen are placed among spectra of their class: what a reader of the picture
 * relies on.
 */
export function neighbourAgreement(
  map: MapFile,
  placed: readonly { readonly site: Pick<Site, 'element' | 'labels'>; readonly at: MapPoint }[],
): Agreement[] {
  return DESCRIPTOR_NAMES.flatMap((name): Agreement[] => {
    const labels = map.labels[name];
    if (DESCRIPTORS[name].kind !== 'class' || labels === undefined) return [];
    const trials = placed.flatMap(({ site, at }) => {
      const truth = site.labels[name];
      const rows = labels.flatMap((label, row) =>
        label !== null && map.element[row] === site.element ? [row] : [],
      );
      if (truth === undefined || rows.length === 0) return [];
      const distance = (row: number) => Math.hypot(map.x[row]! - at.x, map.y[row]! - at.y);
      const nearest = rows.reduce((a, b) => (distance(b) < distance(a) ? b : a));
      return [
        {
          neighbour: labels[nearest] === truth,
          usual: mostFrequent(rows.map((row) => labels[row]!)) === truth,
        },
      ];
    });
    const share = (count: number) => count / trials.length;
    return trials.length === 0
      ? []
      : [
          {
            name,
            sites: trials.length,
            agreeing: share(trials.filter(({ neighbour }) => neighbour).length),
            majority: share(trials.filter((trial) => trial.usual).length),
          },
        ];
  });
}
