import { markdownTable } from '../report/markdown-table.ts';
import { fixed } from '../report/number-formats.ts';
import type { Series } from '../report/plots/line-chart.ts';
import { mean } from '../report/statistics.ts';

/** As battery-feff10 names the family that LiCoO2 is of. */
export const SAME_FAMILY = 'layered R-3m';

/** A composition of Li_xCoO2: mean oxidation states of cobalt. */
export type SeriesRow = {
  /** What the composition has, and what the sites at hand have. */
  readonly composition: number;
  readonly sites: number;
  /** What the models say. */
  readonly base: number;
  readonly shipped: number;
  readonly unseenFamily: number;
  readonly beside: number;
};

const COLUMNS = [
  { of: 'base', title: 'base (FEFF9 alone)' },
  { of: 'shipped', title: 'shipped, series never seen' },
  { of: 'unseenFamily', title: 'nor any layered oxide' },
  { of: 'beside', title: 'fine-tuned on the other x' },
] as const satisfies readonly { readonly of: keyof SeriesRow; readonly title: string }[];

/**
 * A section of the page.
 * @param about.shipped name and weights of the shipped model
 * @param about.sameFamily cobalt sites of the same family that it was trained on
 */
export function seriesSection(
  rows: readonly SeriesRow[],
  about: { readonly shipped: string; readonly sameFamily: number },
): string {
  const errorsTo = (truth: 'sites' | 'composition') =>
    COLUMNS.map(({ of }) => {
      const errors = rows.map((row) => Math.abs(row[of] - row[truth]));
      return `${fixed(mean(errors))} (largest ${fixed(Math.max(...errors))})`;
    });
  const table = markdownTable(
    ['composition', 'true, of the sites', ...COLUMNS.map(({ title }) => title)],
    [
      ...rows.map((row) =>
        [row.composition, row.sites, ...COLUMNS.map(({ of }) => row[of])].map((value) => fixed(value)),
      ),
      ['mean absolute error, to the sites', '', ...errorsTo('sites')],
      ['mean absolute error, to the composition', '', ...errorsTo('composition')],
    ],
  );
  return `## Li_xCoO2

Mean of the expected oxidation state of cobalt over the three sites of a composition. Two truths: the mean of what
these three sites are (each is 3 or 4), and what the composition has, 4 - x, which three sites of a random cell do not
always have. The series is in no training set. Shipped is ${about.shipped}, which has learned from ${about.sameFamily}
cobalt sites of the same family (${SAME_FAMILY}) in battery-feff10; the column after it is the model of its cross-fit
that saw no site of this family; in the last column the shipped model was fine-tuned on all other x.

![series](../images/li-x-coo2.svg)

${table}`;
}

/** Against x: the truth and what each model says. */
export function seriesLines(rows: readonly SeriesRow[]): Series[] {
  const points = (of: keyof SeriesRow) => rows.map((row): [number, number] => [4 - row.composition, row[of]]);
  return [
    { name: 'true, of these sites', points: points('sites'), dashed: true },
    ...COLUMNS.map(({ of, title }) => ({ name: title, points: points(of) })),
  ];
}
