import { DESCRIPTOR_NAMES, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { Site } from '../data/dataset.ts';
import { markdownTable } from '../report/markdown-table.ts';
import type { Series } from '../report/plots/line-chart.ts';
import { type Answer, scoreCells, scoreOf } from './answers.ts';
import type { Way } from './training-plans.ts';

/** Labelled spectra of the other families that are given to learn from. */
export const SIZES = [0, 10, 50, 'all'] as const;
const DRAWN: readonly DescriptorName[] = ['OS', 'CN', 'OCN', 'PSGO'];

export type FewLabelsRow = {
  readonly way: Way;
  readonly size: (typeof SIZES)[number];
  readonly answers: Answer[];
};

/**
 * A section of the page: all sites together, then by element.
 * @param base name and weights of the base model
 */
export function fewLabelsSection(
  rows: readonly FewLabelsRow[],
  sites: readonly Pick<Site, 'element' | 'group'>[],
  base: string,
): string {
  const elements = [...new Set(sites.map(({ element }) => element))].sort();
  const families = new Set(sites.map(({ group }) => group)).size;
  const nameOf = ({ way, size }: FewLabelsRow) => (size === 0 ? 'base as it is' : way);
  const together = rows.map((row) => [nameOf(row), row.size, ...scoreCells(DESCRIPTOR_NAMES, row.answers)]);
  const shown = rows.filter(({ size }) => size === 0 || size === 'all');
  const byElement = elements.flatMap((element) =>
    shown.map((row) => {
      const own = row.answers.filter(({ site }) => site.element === element);
      return [element, own.length, nameOf(row), ...scoreCells(DESCRIPTOR_NAMES, own)];
    }),
  );
  return `## Few labels of another calculation

${sites.length} FEFF10 spectra (${elements.join(', ')}) of ${families} prototype families. Each family is judged by a
model that saw none of it: by the base model, ${base}, as it is; by the base model after fine-tuning on so many
spectra of other families; and by a network that saw only these. The base model learned from FEFF9 spectra alone,
crystals like some of these among them. An absorber that a model never met counts as wrong, in reals as their mean.
![few labels](../images/few-shot.svg)

${markdownTable(['', 'spectra', ...DESCRIPTOR_NAMES], together)}
The same by element, without spectra of these sets and with all that other families have. A dash: the model never met
the absorber and does not answer. R2 of few sites, or of values that hardly differ, says little.

${markdownTable(['', 'sites', '', ...DESCRIPTOR_NAMES], byElement)}`;
}

/**
 * Weighted F1 against the labels that were given, a panel a descriptor.
 * @param sites how many there are: four fifths of them are all that there is to learn from
 */
export function fewLabelsLines(rows: readonly FewLabelsRow[], sites: number): Series[] {
  const spectra = (size: FewLabelsRow['size']) => (size === 'all' ? Math.round((sites * 4) / 5) : size);
  return DRAWN.flatMap((panel) =>
    ['fine-tuned', 'from scratch'].map((way) => ({
      panel,
      name: way,
      points: rows
        .filter((row) => row.way === way)
        .map((row): [number, number] => [spectra(row.size), scoreOf(panel, row.answers) ?? Number.NaN]),
    })),
  );
}
