import { DESCRIPTOR_NAMES, type DescriptorName } from '../../src/messages/descriptor-names.ts';
import { type FoldScores, titleOf } from './fold-scores.ts';
import { pairedDifference } from './paired-difference.ts';

/**
 * Markdown: for each noise level the mean over the folds, and below it the paired differences to one model with 95%
 * intervals. A model without all folds of the reference is left out and named.
 */
export function comparisonTable(models: readonly FoldScores[], reference: string): string {
  if (models.length === 0)
    throw new Error('Expected scores of at least one model in bench/comparison, got none');
  const base = models.find(({ model }) => model === reference);
  const folds = foldsOf(base ?? models[0]!);
  const complete = models.filter((each) => foldsOf(each).join() === folds.join());
  const partial = models.filter((each) => !complete.includes(each)).map(titleOf);
  const notes = complete.flatMap((each) =>
    each.note === undefined ? [] : [`${titleOf(each)}: ${each.note}`],
  );
  const levels = Object.keys(complete[0]!.folds[0]!.scores);
  const names = DESCRIPTOR_NAMES.filter((name) => name in complete[0]!.folds[0]!.scores[levels[0]!]!);

  const sections = levels.flatMap((level) => {
    const scored = complete.map((each) => ({ model: titleOf(each), columns: columnsOf(each, level, names) }));
    const means = scored
      .map(({ model, columns }) => ({ model, values: columns.map(meanOf) }))
      .sort((a, b) => b.values[names.length]! - a.values[names.length]!);
    const title = level === 'clean' ? 'Noise-free' : `Noise sigma ${level}`;
    const own = base && scored.find(({ model }) => model === titleOf(base));
    const differences = means.flatMap(({ model }) => {
      if (own === undefined || model === own.model) return [];
      const { columns } = scored.find((each) => each.model === model)!;
      const cells = columns.map((column, i) => {
        const { mean, half } = pairedDifference(column, own.columns[i]!);
        const text = `${signed(mean)} ± ${half.toFixed(3)}`;
        return Math.abs(mean) > half ? `**${text}**` : text;
      });
      return [`| ${[model, ...cells].join(' | ')} |`];
    });
    return [
      `## ${title}`,
      '',
      header(names),
      ...means.map(({ model, values }) => `| ${[model, ...values.map((v) => v.toFixed(3))].join(' | ')} |`),
      ...(differences.length === 0 ? [] : ['', `Minus ${reference}:`, '', header(names), ...differences]),
      '',
    ];
  });
  return [
    '# Models in cross-validation',
    '',
    `cu-feff9, ${folds.length} folds by material (\`foldOf\` in workbench/data/folds.ts), each model trained on the other folds and scored on`,
    'the same spectra with the same noise. Weighted F1; R2 for NNRS and MOOD; means over the folds, best first. Differences are paired by',
    'fold, with 95% intervals whose variance allows for training sets that overlap (Nadeau and Bengio, Machine Learning 52, 239, 2003);',
    'in bold where the interval leaves zero out. Made by `node --import tsx workbench/comparison/table.ts` from bench/comparison/*.json.',
    '',
    ...costsOf(complete),
    ...(base === undefined ? ['', `No scores of ${reference} yet: no differences.`] : []),
    ...notes.flatMap((note) => ['', note]),
    ...(partial.length === 0 ? [] : ['', `Left out for want of folds: ${partial.join(', ')}.`]),
    '',
    ...sections,
  ].join('\n');
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
  return [...columns, folds.map((_, fold) => meanOf(columns.map((column) => column[fold]!)))];
}

const header = (names: readonly string[]) =>
  `| | ${[...names, 'mean'].join(' | ')} |\n|${'---|'.repeat(names.length + 2)}`;
const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
