import { COLOURS, writeSvg } from './write-svg.ts';

export type Series = {
  readonly name: string;
  /** [x, y]; a y that is not finite is left out and interrupts the line. */
  readonly points: readonly (readonly [number, number])[];
  /** Charts side by side, one for each name, in order of appearance. */
  readonly panel?: string;
  /** A target or a goal beside what was measured. */
  readonly dashed?: boolean;
};

/**
 * Lines with a mark at each point: learning curves, figures against noise.
 * @param chart.x title of the axis, with its unit
 * @param chart.y the same
 * @param chart.yRange default: what the data need
 * @param chart.marks default: up to 30 points a series
 */
export async function lineChart(chart: {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  readonly file: string;
  readonly yRange?: readonly [number, number];
  readonly logarithmic?: 'x' | 'y';
  readonly marks?: boolean;
}): Promise<void> {
  const { title, series, yRange } = chart;
  const names = [...new Set(series.map(({ name }) => name))];
  const panels = [...new Set(series.map(({ panel }) => panel ?? ''))];
  const marks = chart.marks ?? series.every(({ points }) => points.length <= 30);
  const scaleOf = (axis: 'x' | 'y') =>
    chart.logarithmic === axis ? { type: 'log' as const } : { zero: false };

  await writeSvg(chart.file, {
    title,
    hconcat: panels.map((panel, i) => ({
      ...(panel !== '' && { title: { text: panel, fontSize: 13, fontWeight: 'normal' } }),
      width: panels.length > 1 ? 300 : 520,
      height: 300,
      data: {
        values: series
          .filter((each) => (each.panel ?? '') === panel)
          .flatMap(({ name, points, dashed }) =>
            points.map(([x, y]) => ({ name, x, y: Number.isFinite(y) ? y : null, dashed: dashed ?? false })),
          ),
      },
      mark: { type: 'line', strokeWidth: 2, point: marks ? { size: 45, filled: true } : false },
      encoding: {
        x: { field: 'x', type: 'quantitative', title: chart.x, scale: scaleOf('x'), axis: { grid: false } },
        y: {
          field: 'y',
          type: 'quantitative',
          title: i === 0 ? chart.y : null,
          scale: { ...scaleOf('y'), ...(yRange && { domain: [...yRange] }) },
        },
        color: {
          field: 'name',
          type: 'nominal',
          title: null,
          scale: { domain: names, range: names.map((_, k) => COLOURS[k % COLOURS.length]!) },
          legend: names.length > 1 ? {} : null,
        },
        // Marks differ as well, for those who see no colours.
        ...(marks && {
          shape: {
            field: 'name',
            type: 'nominal',
            title: null,
            scale: { domain: names },
            legend: names.length > 1 ? {} : null,
          },
        }),
        strokeDash: {
          field: 'dashed',
          type: 'nominal',
          scale: { domain: [false, true], range: [[], [6, 4]] },
          legend: null,
        },
      },
    })),
  });
}
