import { join } from 'node:path';
import { openBundle } from '../../src/bundle.ts';
import type { Site } from '../data/dataset.ts';
import { lineChart } from '../report/plots/line-chart.ts';
import { crossFitFolder, foldOfSite } from '../training/cross-fit.ts';
import { answersOf } from './answers.ts';
import { named } from './named.ts';
import { trainQuietly, tuning } from './training-plans.ts';

/** As battery-feff10 names the family that LiCoO2 is of. */
const SAME_FAMILY = 'layered R-3m';

type Row = {
  /** Mean oxidation state that the composition has, and that of the sites at hand. */
  readonly composition: number;
  readonly sites: number;
  readonly base: number;
  readonly shipped: number;
  readonly unseenFamily: number;
  readonly beside: number;
};

const COLUMNS: readonly { readonly of: keyof Row; readonly title: string }[] = [
  { of: 'base', title: 'base (FEFF9 alone)' },
  { of: 'shipped', title: 'shipped, series never seen' },
  { of: 'unseenFamily', title: 'nor any layered oxide' },
  { of: 'beside', title: 'fine-tuned on the other x' },
];

/** Where the model of the shipped model's cross-fit lies that has seen none of the family of the series. */
export const unseenFamilyOf = (shipped: string): string =>
  crossFitFolder(openBundle(shipped, { gate: 'optional' }).manifest.id, foldOfSite({ group: SAME_FAMILY }));

/**
 * Li_xCoO2, kept out of training altogether, and beside it with each x held out in turn: a section of the page, and
 * docs/images/li-x-coo2.svg.
 * @param learned what the shipped model was trained on
 */
export async function alongSeries(
  base: string,
  shipped: string,
  series: readonly Site[],
  learned: readonly Site[],
  scratch: string,
): Promise<string> {
  const sameFamily = learned.filter(({ element, group }) => element === 'Co' && group === SAME_FAMILY).length;
  const rows = await rowsOf(base, shipped, series, scratch);
  await draw(rows);
  const error = (truth: 'sites' | 'composition', of: keyof Row) => {
    const errors = rows.map((row) => Math.abs(row[of] - row[truth]));
    return `${meanOf(errors).toFixed(3)} (largest ${Math.max(...errors).toFixed(3)})`;
  };
  const errors = (truth: 'sites' | 'composition') => COLUMNS.map(({ of }) => error(truth, of)).join(' | ');
  return [
    '## Li_xCoO2',
    '',
    'Mean of the expected oxidation state of cobalt over the three sites of a composition. Two truths: the mean of what these three sites',
    'are (each is 3 or 4), and what the composition has, 4 - x, which three sites of a random cell do not always have. The series is in no',
    `training set. Shipped is ${named(shipped)}, which has learned from ${sameFamily} cobalt sites of the same family (${SAME_FAMILY}) in`,
    'battery-feff10; the column after it is the model of its cross-fit that saw no site of this family; in the last column the shipped',
    'model was fine-tuned on all other x.',
    '',
    '![series](../images/li-x-coo2.svg)',
    '',
    `| composition | true, of the sites | ${COLUMNS.map(({ title }) => title).join(' | ')} |`,
    `|---|---|${'---|'.repeat(COLUMNS.length)}`,
    ...rows.map((row) => {
      const cells = [row.composition, row.sites, ...COLUMNS.map(({ of }) => row[of])];
      return `| ${cells.map((value) => value.toFixed(3)).join(' | ')} |`;
    }),
    `| mean absolute error, to the sites | | ${errors('sites')} |`,
    `| mean absolute error, to the composition | | ${errors('composition')} |`,
    '',
  ].join('\n');
}

async function rowsOf(
  base: string,
  shipped: string,
  series: readonly Site[],
  scratch: string,
): Promise<Row[]> {
  const compositions = [...new Set(series.map(({ meanOxidationState }) => meanOxidationState!))].sort(
    (a, b) => a - b,
  );
  const rows: Row[] = [];
  for (const composition of compositions) {
    console.error(`Li_xCoO2, mean oxidation state ${composition.toFixed(2)} held out`);
    const own = series.filter(({ meanOxidationState }) => meanOxidationState === composition);
    const rest = series.filter((site) => !own.includes(site));
    const tuned = join(scratch, 'series', composition.toFixed(3));
    await trainQuietly(tuned, tuning(shipped, rest));
    const said = async (directory: string) =>
      meanOf((await answersOf(directory, own)).map(({ expected }) => expected));
    rows.push({
      composition,
      sites: meanOf(own.map(({ labels }) => labels.OS!)),
      base: await said(base),
      shipped: await said(shipped),
      unseenFamily: await said(unseenFamilyOf(shipped)),
      beside: await said(tuned),
    });
  }
  return rows;
}

async function draw(rows: readonly Row[]): Promise<void> {
  const points = (of: keyof Row) => rows.map((row): [number, number] => [4 - row.composition, row[of]]);
  await lineChart({
    title: 'Li_xCoO2: mean oxidation state of cobalt',
    x: 'x',
    y: 'mean oxidation state',
    series: [
      { name: 'true, of these sites', points: points('sites'), dashed: true },
      ...COLUMNS.map(({ of, title }) => ({ name: title, points: points(of) })),
    ],
    file: 'docs/images/li-x-coo2.svg',
  });
}

const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
