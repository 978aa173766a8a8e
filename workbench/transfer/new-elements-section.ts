import { descriptorsOf } from '../../src/messages/descriptor-names.ts';
import type { Site } from '../data/dataset.ts';
import { markdownTable } from '../report/markdown-table.ts';
import { type Answer, scoreCells } from './answers.ts';

/** Their true labels are few, their decoded ones many. */
export const NEW_ELEMENTS: readonly string[] = ['Cr', 'V'];
const COLUMNS = descriptorsOf(NEW_ELEMENTS[0]!);

/**
 * A section of the page: the new absorbers together, then each.
 * @param ways answers by the way to them
 * @param judged the sites that were asked about
 * @param base name and weights of the base model
 */
export function newElementsSection(
  ways: ReadonlyMap<string, readonly Answer[]>,
  judged: readonly Pick<Site, 'group'>[],
  base: string,
): string {
  const materials = new Set(judged.map(({ group }) => group)).size;
  const parts = [NEW_ELEMENTS, ...NEW_ELEMENTS.map((element) => [element])];
  const rows = parts.flatMap((elements) =>
    [...ways].map(([way, answers]) => {
      const own = answers.filter(({ site }) => elements.includes(site.element));
      return [elements.join(', '), own.length, way, ...scoreCells(COLUMNS, own)];
    }),
  );
  return `## New absorbers: ${NEW_ELEMENTS.join(' and ')}

${judged.length} sites with true labels (tm-feff9 and battery-extended) of ${materials} materials or families. Each is
judged by models that saw no site of its material or family: by ${base}, which learned from all other elements and met
neither the absorbers nor, at any absorber, the materials that are judged; by it after fine-tuning on the sites of
other materials; and by a network that saw only these. Before fine-tuning the processor would refuse these absorbers;
the first row takes each for the mean of the known ones. Decoded labels weigh by their confidence, and nothing is
scored on them.

${markdownTable(['', 'sites', '', ...COLUMNS], rows)}`;
}
