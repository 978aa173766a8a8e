import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/**
 * Okabe and Ito's colours, which people who are colour-blind can tell apart, without the faint yellow; then three of
 * Tol's.
 */
export const COLOURS = [
  ...['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000'],
  ...['#882255', '#999933', '#7F7F7F'],
] as const;

const FONT = 'Helvetica, Arial, sans-serif';
const LOOK = {
  font: FONT,
  background: 'white',
  padding: 12,
  title: { fontSize: 15, fontWeight: 600, anchor: 'start', offset: 12, color: '#222' },
  axis: {
    labelFontSize: 12,
    titleFontSize: 13,
    titleFontWeight: 'normal',
    labelColor: '#333',
    titleColor: '#222',
    gridColor: '#e6e6e6',
    domainColor: '#888',
    tickColor: '#888',
  },
  legend: {
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    symbolStrokeWidth: 2.5,
    labelLimit: 300,
  },
  header: { labelFontSize: 13, titleFontSize: 13 },
  view: { stroke: null },
  range: { category: [...COLOURS] },
} as const;

/** Draws a vega-lite specification in the house's look; its folder is made where it is missing. */
export async function writeSvg(file: string, spec: TopLevelSpec): Promise<void> {
  const { spec: drawing } = compile({ ...spec, config: { ...LOOK, ...spec.config } } as TopLevelSpec);
  const view = new View(parse(drawing), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${shortened(svg)}\n`);
}

/** Coordinates to a hundredth of a pixel: half the bytes, and the last digit of a sum changes no file. */
function shortened(svg: string): string {
  return svg.replace(/ (transform|d|[xy][12]?|width|height)="[^"]*"/g, (attribute) =>
    attribute.replace(/-?\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2)))),
  );
}
