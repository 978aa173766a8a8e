import type { MapFile } from '../../src/model/map.ts';
import { markdownTable } from '../report/markdown-table.ts';
import { percent } from '../report/number-formats.ts';
import type { Agreement } from './neighbour-agreement.ts';

/** What the map is worth, in Markdown. */
export function mapTable(
  map: MapFile,
  positionErrors: { readonly median: number; readonly ninth: number },
  agreement: readonly Agreement[],
): string {
  const elements = [...new Set(map.element)].sort();
  const counts = elements.map(
    (name) => `${name} ${map.element.filter((element) => element === name).length}`,
  );
  const [median, ninth] = [positionErrors.median, positionErrors.ninth].map((error) => percent(error));
  const weights = map.madeFor['weights.bin']?.slice(0, 12);
  const rows = agreement.map(({ name, sites, agreeing, majority }) => {
    return [name, sites, percent(agreeing), percent(majority)];
  });
  return `The map of ${map.element.length} training spectra (${counts.join(', ')}), weights ${weights}.
Made by \`${map.command}\`.

A training spectrum that is taken off the map and asked for again is placed, in units of the map's spread (root mean
square distance from its middle), ${median} from its place in the median; nine in ten are within ${ninth}.

Spectra that the model has not seen, with established labels: how often the nearest labelled neighbour on the map, of
the same element, has their class.

${markdownTable(['', 'sites', 'nearest neighbour', 'most frequent class'], rows)}`;
}
