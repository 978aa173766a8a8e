import { COLOURS, writeSvg } from './write-svg.ts';

export type ScatterPoint = {
  readonly x: number;
  readonly y: number;
  /** A class (string) or a quantity (number) that colours it; null: not known, drawn pale beneath the others. */
  readonly value?: string | number | null;
};

/**
 * Points, coloured by a class or a quantity: predicted against true, or a map of spectra.
 * @param plot.value what the colours mean
 * @param plot.diagonal draws y = x on equal axes
 * @param plot.bare leaves out axes, for maps whose coordinates mean nothing
 */
export async function scatter(plot: {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly points: readonly ScatterPoint[];
  readonly file: string;
  readonly value?: string;
  readonly diagonal?: boolean;
  readonly bare?: boolean;
  readonly radius?: number;
}): Promise<void> {
  const { title, points, diagonal = false, bare = false, radius = 2.5 } = plot;
  const known = points.filter(({ value }) => value !== null && value !== undefined);
  const unknown = points.filter(({ value }) => value === null || value === undefined);
  const ends = padded(range(points.flatMap(({ x, y }) => [x, y])));
  const scaleOf = (values: readonly number[]) => ({
    zero: false,
    nice: false,
    domain: diagonal ? ends : padded(range(values)),
  });
  const axis = bare ? null : { grid: !diagonal };
  const mark = { type: 'point', filled: true, size: 4 * radius * radius, clip: true } as const;
  const classes = sortedClasses(known);
  const numeric = known.every(({ value }) => typeof value === 'number');

  await writeSvg(plot.file, {
    title,
    width: 460,
    height: 460,
    encoding: {
      x: { field: 'x', type: 'quantitative', title: plot.x, scale: scaleOf(points.map(({ x }) => x)), axis },
      y: { field: 'y', type: 'quantitative', title: plot.y, scale: scaleOf(points.map(({ y }) => y)), axis },
    },
    layer: [
      ...(diagonal
        ? [
            {
              data: { values: ends.map((end) => ({ x: end, y: end })) },
              mark: { type: 'line' as const, color: '#999', strokeDash: [6, 4] },
            },
          ]
        : []),
      {
        data: { values: unknown.map(({ x, y }) => ({ x, y })) },
        mark:
          known.length > 0
            ? { ...mark, color: '#d9d9d9', opacity: 0.6 }
            : { ...mark, color: COLOURS[0], opacity: 0.5 },
      },
      ...(known.length > 0
        ? [
            {
              data: { values: known.map(({ x, y, value }) => ({ x, y, value })) },
              mark: { ...mark, opacity: 0.75 },
              encoding: {
                color: numeric
                  ? {
                      field: 'value',
                      type: 'quantitative' as const,
                      title: plot.value ?? null,
                      scale: { scheme: 'viridis' as const },
                    }
                  : {
                      field: 'value',
                      type: 'nominal' as const,
                      title: plot.value ?? null,
                      scale: {
                        domain: classes,
                        ...(classes.length <= COLOURS.length
                          ? { range: classes.map((_, i) => COLOURS[i]!) }
                          : { scheme: 'tableau20' as const }),
                      },
                    },
              },
            },
          ]
        : []),
    ],
  });
}

/** Classes in the order in which people count: '-2', '2', '10', then words. */
function sortedClasses(points: readonly ScatterPoint[]): string[] {
  const names = [...new Set(points.map(({ value }) => String(value)))];
  return names.sort((a, b) =>
    Number.isNaN(Number(a) - Number(b)) ? a.localeCompare(b) : Number(a) - Number(b),
  );
}

function range(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

function padded([low, high]: readonly [number, number]): [number, number] {
  const room = 0.02 * (high - low || 1);
  return [low - room, high + room];
}
