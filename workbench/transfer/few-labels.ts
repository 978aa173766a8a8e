import { join } from 'node:path';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import type { Site } from '../data/dataset.ts';
import { CROSS_VALIDATION } from '../data/folds.ts';
import { seededRandom, shuffle } from '../data/random.ts';
import { lineChart } from '../report/plots/line-chart.ts';
import { foldOfSite } from '../training/cross-fit.ts';
import { type Answer, answersOf, scoreCells, scoreOf } from './answers.ts';
import { named } from './named.ts';
import { learnFew, type Way } from './training-plans.ts';

/** Labelled spectra of the other families that are given to learn from. */
const SIZES = [0, 10, 50, 'all'] as const;
const DRAWN: readonly DescriptorName[] = ['OS', 'CN', 'OCN', 'PSGO'];

type Row = { readonly way: Way; readonly size: (typeof SIZES)[number]; readonly answers: Answer[] };

/**
 * Another calculation: a section of the page, and docs/images/few-shot.svg. Every spectrum is judged once, by models that saw none of
 * its family.
 */
export async function fewLabels(base: string, sites: readonly Site[], scratch: string): Promise<string> {
  const rows = await learnFromFew(base, sites, scratch);
  await draw(rows, sites.length);
  const elements = [...new Set(sites.map(({ element }) => element))].sort();
  const families = new Set(sites.map(({ group }) => group)).size;
  const rowName = ({ way, size }: Row) => (size === 0 ? 'base as it is' : way);
  const shown = rows.filter(({ size }) => size === 0 || size === 'all');
  return [
    '## Few labels of another calculation',
    '',
    `${sites.length} FEFF10 spectra (${elements.join(', ')}) of ${families} prototype families. Each family is judged by a model that saw`,
    `none of it: by the base model, ${named(base)}, as it is; by the base model after fine-tuning on so many spectra of other families;`,
    'and by a network that saw only these. The base model learned from FEFF9 spectra alone, crystals like some of these among them. An',
    'absorber that a model never met counts as wrong, in reals as their mean. ![few labels](../images/few-shot.svg)',
    '',
    `| | spectra | ${DESCRIPTOR_NAMES.join(' | ')} |`,
    `|---|---|${'---|'.repeat(DESCRIPTOR_NAMES.length)}`,
    ...rows.map(
      (row) => `| ${[rowName(row), row.size, ...scoreCells(DESCRIPTOR_NAMES, row.answers)].join(' | ')} |`,
    ),
    '',
    'The same by element, without spectra of these sets and with all that other families have. A dash: the model never met the absorber and',
    'does not answer. R2 of few sites, or of values that hardly differ, says little.',
    '',
    `| | sites | | ${DESCRIPTOR_NAMES.join(' | ')} |`,
    `|---|---|---|${'---|'.repeat(DESCRIPTOR_NAMES.length)}`,
    ...elements.flatMap((element) =>
      shown.map((row) => {
        const own = row.answers.filter(({ site }) => site.element === element);
        return `| ${[element, own.length, rowName(row), ...scoreCells(DESCRIPTOR_NAMES, own)].join(' | ')} |`;
      }),
    ),
    '',
  ].join('\n');
}

async function learnFromFew(base: string, sites: readonly Site[], scratch: string): Promise<Row[]> {
  const rows: Row[] = SIZES.flatMap((size): Row[] =>
    size === 0
      ? [{ way: 'fine-tuned', size, answers: [] }]
      : (['fine-tuned', 'from scratch'] as const).map((way) => ({ way, size, answers: [] })),
  );
  for (let fold = 0; fold < CROSS_VALIDATION.folds; fold++) {
    const held = sites.filter((site) => foldOfSite(site) === fold);
    const others = shuffle(
      sites.filter((site) => foldOfSite(site) !== fold),
      seededRandom(fold + 1),
    );
    for (const { way, size, answers } of rows) {
      const train = others.slice(0, size === 'all' ? others.length : size);
      let directory = base;
      if (train.length > 0) {
        directory = join(scratch, way, `${fold}-${size}`);
        console.error(`fold ${fold + 1} of ${CROSS_VALIDATION.folds}: ${way}, ${train.length} spectra`);
        await learnFew(directory, way, base, train);
      }
      answers.push(...(await answersOf(directory, held)));
    }
  }
  return rows;
}

async function draw(rows: readonly Row[], sites: number): Promise<void> {
  const spectra = (size: Row['size']) => (size === 'all' ? Math.round((sites * 4) / 5) : size);
  await lineChart({
    title: 'Another calculation: what few labels are worth',
    x: 'labelled spectra of other families',
    y: 'weighted F1',
    series: DRAWN.flatMap((panel) =>
      ['fine-tuned', 'from scratch'].map((way) => ({
        panel,
        name: way,
        points: rows
          .filter((row) => row.way === way)
          .map((row): [number, number] => [spectra(row.size), scoreOf(panel, row.answers) ?? Number.NaN]),
      })),
    ),
    file: 'docs/images/few-shot.svg',
  });
}
