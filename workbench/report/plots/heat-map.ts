import { writeSvg } from './write-svg.ts';

/**
 * A table of numbers with its cells coloured, such as a confusion matrix.
 * @param map.values [rows][columns], as written into the cells; 0 is left empty
 * @param map.shares [rows][columns], 0 to 1, by which cells are coloured (default: share of the row's sum)
 */
export async function heatMap(map: {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly columns: readonly (string | number)[];
  readonly rows: readonly (string | number)[];
  readonly values: readonly (readonly number[])[];
  readonly shares?: readonly (readonly number[])[];
  readonly file: string;
}): Promise<void> {
  const { title, columns, rows, values } = map;
  const shares = map.shares ?? values.map(sharesOf);
  const cells = rows.flatMap((row, r) =>
    columns.map((column, c) => ({
      row: String(row),
      column: String(column),
      value: values[r]![c]!,
      share: shares[r]![c]!,
    })),
  );
  const size = Math.max(26, Math.min(46, 520 / columns.length));
  const axis = { labelAngle: 0, grid: false, ticks: false, domain: false } as const;
  await writeSvg(map.file, {
    title,
    width: size * columns.length,
    height: size * rows.length,
    data: { values: cells },
    encoding: {
      x: { field: 'column', type: 'ordinal', sort: columns.map(String), title: map.x, axis },
      y: { field: 'row', type: 'ordinal', sort: rows.map(String), title: map.y, axis },
    },
    layer: [
      {
        mark: { type: 'rect', stroke: '#eee' },
        encoding: {
          color: {
            field: 'share',
            type: 'quantitative',
            scale: { domain: [0, 1], range: ['#ffffff', '#08519c'], interpolate: 'rgb' },
            legend: null,
          },
        },
      },
      {
        transform: [{ filter: 'datum.value !== 0' }],
        mark: { type: 'text', fontSize: 11 },
        encoding: {
          text: { field: 'value', type: 'quantitative' },
          color: { condition: { test: 'datum.share > 0.5', value: 'white' }, value: '#222' },
        },
      },
    ],
  });
}

function sharesOf(row: readonly number[]): number[] {
  const sum = row.reduce((a, b) => a + b, 0);
  return row.map((value) => (sum === 0 ? 0 : value / sum));
}
