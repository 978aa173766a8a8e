import { markdownTable } from '../../report/markdown-table.ts';
import { fixed } from '../../report/number-formats.ts';
import { mean } from '../../report/statistics.ts';
import { EXPORTED_LABELS, type RunName } from './export-spectra.ts';
import type { TreeScores } from './score-trees.ts';
import type { Exported } from './write-spectra.ts';

/** Markdown: each model on the published test split, at each noise. */
export function treesTable(
  scored: readonly TreeScores[],
  { copies, runs }: Pick<Exported<RunName>, 'copies' | 'runs'>,
): string {
  const test = runs.find(({ name }) => name === 'test')!;
  const rows = scored
    .filter(({ run }) => run === 'test')
    .flatMap(({ model, scores, cpuSeconds }) =>
      Object.entries(scores).map(([level, values]) => {
        const each = EXPORTED_LABELS.map((name) => values[name]!);
        return [model, level, ...[...each, mean(each)].map((value) => fixed(value)), fixed(cpuSeconds, 0)];
      }),
    );
  const [trained, held] = [test.train.length, test.held.length];
  return `Trees on the copper K-edge, trained on ${trained} sites (each once clean and ${copies} times augmented),
scored on the ${held} sites of the test split that cover the grid: weighted F1, R2 for NNRS and MOOD; CPU seconds of
training. Made by \`npm run workbench -- compare-trees\`; by folds, beside the networks: [comparison.md](comparison.md).

${markdownTable(['model', 'sigma', ...EXPORTED_LABELS, 'mean', 'CPU s'], rows)}`;
}
