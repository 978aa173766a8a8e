export type MapLayer = {
  readonly label: string;
  readonly colour: string;
  readonly points: readonly (readonly [x: number, y: number])[];
};

/**
 * A scatter plot in some ten bytes a point, since it has thousands: the points of a layer are one path of zero-length
 * strokes with round caps. Vega's way, an element each, makes it ten times as heavy.
 * @param layers the first is drawn undermost
 */
export function mapSvg(title: string, subtitle: string, layers: readonly MapLayer[]): string {
  const all = layers.flatMap(({ points }) => points);
  const [left, right] = range(all.map(([x]) => x));
  const [bottom, top] = range(all.map(([, y]) => y));
  const scale = Math.min(PLOT.width / (right - left), PLOT.height / (top - bottom));
  const at = ([x, y]: readonly [number, number]) => {
    return `M${fixed(20 + scale * (x - left))} ${fixed(60 + scale * (top - y))}h0`;
  };
  const drawn = layers.map(
    ({ colour, points }) => `<path stroke="${colour}" d="${points.map(at).join('')}"/>`,
  );
  const named = layers.filter(({ label }) => label !== '');
  const legend = named.map(({ label, colour, points }, i) => {
    const y = 72 + 22 * i;
    return (
      `<circle cx="${PLOT.width + 44}" cy="${y}" r="5" fill="${colour}"/>` +
      `<text x="${PLOT.width + 56}" y="${y + 4}">${escaped(label)} <tspan fill="#777">${points.length}</tspan></text>`
    );
  });
  const width = PLOT.width + 170;
  const height = Math.ceil(Math.max(80 + scale * (top - bottom), 90 + 22 * named.length));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}" font-family="system-ui, sans-serif" font-size="13">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<text x="20" y="26" font-size="16" font-weight="600">${escaped(title)}</text>`,
    `<text x="20" y="45" fill="#555" font-size="12">${escaped(subtitle)}</text>`,
    '<g fill="none" stroke-width="3.2" stroke-linecap="round" stroke-opacity="0.75">',
    ...drawn,
    '</g>',
    ...legend,
    '</svg>',
  ].join('\n')}\n`;
}

const PLOT = { width: 640, height: 560 };

function range(values: readonly number[]): [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return high > low ? [low, high] : [low - 1, low + 1];
}

const fixed = (value: number) => String(Math.round(10 * value) / 10);
const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
