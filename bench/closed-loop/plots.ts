import { lineChart } from '../../workbench/report/plots/line-chart.ts';
import { mean } from '../../workbench/report/statistics.ts';
import type { Measured } from './certainty.ts';
import type { Row } from './page.ts';

type Rows = readonly Row<Measured>[];

/** Share of the samples whose value is accepted, by the points that were spent on a sample. */
export const drawCertain = (file: string, plans: Rows, agents: Rows): Promise<void> =>
  draw(file, 'What certainty costs', 'coordination number', [
    { name: 'fixed plans: 1 to 16 scans each', rows: plans },
    ...agents.map((row) => ({ name: row.plan, rows: [row] })),
  ]);

/** The same of measured series, whose rows are named by them. */
export function drawMeasured(file: string, rows: Rows): Promise<void> {
  const nameOf = ({ plan }: Row<Measured>) => plan.split(', ')[0]!;
  const isAgent = ({ plan }: Row<Measured>) => plan.endsWith(', agent');
  const names = [...new Set(rows.map(nameOf))];
  const lines = names.flatMap((name) => {
    const own = rows.filter((row) => nameOf(row) === name);
    return [
      { name: `${name}: plans`, rows: own.filter((row) => !isAgent(row)) },
      { name: `${name}: agent`, rows: own.filter(isAgent) },
    ];
  });
  return draw(file, 'What certainty costs on measured series', 'mean oxidation state', lines);
}

function draw(
  file: string,
  title: string,
  wanted: string,
  lines: readonly { readonly name: string; readonly rows: Rows }[],
): Promise<void> {
  const pointOf = ({ results }: Row<Measured>): readonly [number, number] => [
    mean(results.map(({ points }) => points)),
    mean(results.map(({ right }) => (right === null ? 0 : 100))),
  ];
  return lineChart({
    title,
    x: 'points a sample',
    y: `samples with an accepted ${wanted}, %`,
    series: lines.map(({ name, rows }) => ({ name, points: rows.map(pointOf) })),
    file,
    logarithmic: 'x',
    marks: true,
  });
}
