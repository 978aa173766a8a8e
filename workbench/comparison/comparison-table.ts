import { DESCRIPTOR_NAMES, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import { markdownTable } from '../report/markdown-table.ts';
import { fixed, signed } from '../report/number-formats.ts';
import { mean } from '../report/statistics.ts';
import { type FoldScores, titleOf } from './fold-scores.ts';
import { pairedDifference } from './paired-difference.ts';

/**
 * Markdown: for each noise level the mean over the folds, and below it the paired differences to one model with 95%
 * intervals. A model without all folds of the reference is left out and named.
 */
export function comparisonTable(models: readonly FoldScores[], reference: string): string {
  if (models.length === 0) throw new RangeError('Expected scores of at least one model, got none');
  const base = models.find(({ model }) => model === reference);
  const folds = foldsOf(base ?? models[0]!);
  const complete = models.filter((each) => foldsOf(each).join() === folds.join());
  const partial = models.filter((each) => !complete.includes(each)).map(titleOf);
  const notes = complete.flatMap((each) =>
    each.note === undefined ? [] : [`${titleOf(each)}: ${each.note}`],
  );
  return [
    '# Models in cross-validation',
    '',
    `cu-feff9, ${folds.length} folds by material (\`foldOf\` in workbench/data/folds.ts), each model trained on the other folds and scored on`,
    'the same spectra with the same noise. Weighted F1; R2 for NNRS and MOOD; means over the folds, best first. Differences are paired by',
    'fold, with 95% intervals whose variance allows for training sets that overlap (Nadeau and Bengio, Machine Learning 52, 239, 2003);',
    'in bold where the interval leaves zero out. Made by `npm run workbench -- comparison-table` from workbench/comparison/scores.',
    'Of OS only labels that a formula establishes are learned and scored (docs/adr/0032).',
    '',
    ...costsOf(complete),
    ...(base === undefined ? ['', `No scores of ${reference} yet: no differences.`] : []),
    ...notes.flatMap((note) => ['', note]),
    ...(partial.length === 0 ? [] : ['', `Left out for want of folds: ${partial.join(', ')}.`]),
    '',
    ...Object.keys(complete[0]!.folds[0]!.scores).map((level) => sectionOf(level, complete, base)),
  ].join('\n');
}

/** One noise level. */
function sectionOf(level: string, models: readonly FoldScores[], base: FoldScores | undefined): string {
  const names = DESCRIPTOR_NAMES.filter((name) => name in models[0]!.folds[0]!.scores[level]!);
  const head = ['', ...names, 'mean'];
  const ranked = models
    .map((each) => ({ title: titleOf(each), columns: columnsOf(each, level, names) }))
    .sort((a, b) => rank(b.columns) - rank(a.columns));
  const means = ranked.map(({ title, columns }) => [title, ...columns.map((column) => fixed(mean(column)))]);
  const title = level === 'clean' ? 'Noise-free' : `Noise sigma ${level}`;
  const section = `## ${title}\n\n${markdownTable(head, means)}`;
  const own = base && ranked.find((each) => each.title === titleOf(base));
  const others = ranked.filter((each) => each !== own);
  if (own === undefined || others.length === 0) return section;
  const differences = others.map(({ title, columns }) => [
    title,
    ...columns.map((column, i) => differenceCell(pairedDifference(column, own.columns[i]!))),
  ]);
  return `${section}\nMinus ${base!.model}:\n\n${markdownTable(head, differences)}`;
}

/** The mean over all descriptors. */
const rank = (columns: readonly number[][]): number => mean(columns.at(-1)!);

function differenceCell({ mean, half }: ReturnType<typeof pairedDifference>): string {
  const text = `${signed(mean, 3, '−')} ± ${fixed(half)}`;
  return Math.abs(mean) > half ? `**${text}**` : text;
}

function costsOf(models: readonly FoldScores[]): string[] {
  const costs = models.flatMap((each) =>
    each.mflop === undefined ? [] : [`${titleOf(each)} ${each.mflop}`],
  );
  return costs.length === 0
    ? []
    : [`MFLOP a spectrum: ${costs.join(', ')}. ![Accuracy against cost](../images/cost.svg)`];
}

const foldsOf = ({ folds }: FoldScores) => folds.map(({ fold }) => fold);

/** Scores of each fold by descriptor, and last their mean over the descriptors. */
function columnsOf({ folds }: FoldScores, level: string, names: readonly DescriptorName[]): number[][] {
  const columns = names.map((name) => folds.map(({ scores }) => scores[level]![name]!));
  return [...columns, folds.map((_, fold) => mean(columns.map((column) => column[fold]!)))];
}
