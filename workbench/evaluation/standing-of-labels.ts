import { type Standing, UNESTABLISHED } from '../data/copper-charge.ts';
import { markdownTable } from '../report/markdown-table.ts';
import { fixed, percent } from '../report/number-formats.ts';
import type { CrossFitAnswer } from './cross-fit-answers.ts';
import { classMetrics } from './metrics.ts';
import { likeliest } from './score.ts';

const STANDINGS: readonly Standing[] = ['established', ...UNESTABLISHED, 'another state balances'];

/** A section: how well copper's oxidation state is read, by what establishes the label. Empty without copper. */
export function standingOfLabels(answers: readonly CrossFitAnswer[]): string {
  const read = answers.flatMap(({ site, prediction }) => {
    const { OS } = site.labels;
    const output = prediction.outputs.OS;
    if (site.element !== 'Cu' || output === undefined) return [];
    const said = likeliest(output);
    if (site.doubtfulOs !== undefined)
      return [{ standing: site.doubtfulOs.why as Standing, truth: site.doubtfulOs.label, said }];
    return OS === undefined ? [] : [{ standing: 'established' as Standing, truth: OS, said }];
  });
  const rowOf = (name: string, own: typeof read) => {
    if (own.length === 0) return [];
    const { weightedF1, macroF1, accuracy } = classMetrics(
      own.map(({ truth }) => truth),
      own.map(({ said }) => said),
    );
    return [[name, own.length, fixed(weightedF1), fixed(macroF1), percent(accuracy)]];
  };
  if (read.length === 0) return '';
  const rows = STANDINGS.flatMap((standing) =>
    rowOf(
      standing,
      read.filter((each) => each.standing === standing),
    ),
  );
  return `
## Copper's oxidation state, by what establishes its label

Whether a charge balance of its formula establishes the label of a copper site, by the rule in
[data.md](../workbench/data.md#labels-of-the-oxidation-state-that-no-charge-balance-establishes). The others are neither
learned nor scored elsewhere.

${markdownTable(['label', 'sites', 'weighted F1', 'macro F1', 'right'], [...rowOf('all', read), ...rows])}`;
}
