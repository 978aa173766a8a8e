import uPlot from 'uplot';
import type { AxisKind } from '../state/choice.ts';
import { colours } from './colours.ts';
import { type Curve, onEnergies } from './on-energies.ts';
import { rgb } from './rgb.ts';
import { plainLabels, RIGHT_OF_PLOT, sharedAxisLabels } from './shared-axis.ts';

/** A scan of the picture: its place on the shared axis, and what it measured. */
export type Column = { readonly x: number; readonly curve: Curve };

export type WaterfallChart = {
  readonly plot: uPlot;
  /**
   * @param minus is taken from every column; null: absorption is drawn
   * @param span values from dark to light
   */
  set(columns: readonly Column[], minus: Curve | null, span: readonly [number, number]): void;
};

/** Points of a column from the lowest energy to the highest. */
const ROWS = 192;
/** A gap of more than so many usual distances is left empty. */
const WIDEST_GAP = 4;

/** Energy against the shared axis, absorption as brightness in one ink: a column a scan, and nothing made up. */
export function waterfallChart(options: {
  readonly into: HTMLElement;
  readonly rem: number;
  readonly axis: AxisKind;
  readonly syncKey: string;
  readonly energies: () => readonly [from: number, to: number];
  readonly onZoom: (from: number, to: number) => void;
}): WaterfallChart {
  const { into, rem, axis } = options;
  const fontPx = 0.72 * rem;
  const font = `${fontPx}px system-ui, sans-serif`;
  const image = document.createElement('canvas');
  let columns: readonly Column[] = [];
  const plot = new uPlot(
    {
      width: into.clientWidth,
      height: into.clientHeight,
      legend: { show: false },
      padding: [4, RIGHT_OF_PLOT, 0, 0],
      cursor: {
        sync: { key: options.syncKey, setSeries: false, scales: ['x', null] },
        drag: { x: true, y: false, setScale: false },
        points: { show: false },
      },
      scales: {
        x: { time: axis === 'time' },
        y: { range: () => [...options.energies()] as [number, number] },
      },
      series: [{}, { paths: () => null, points: { show: false } }],
      axes: [
        {
          ...{ size: 1.7 * rem, space: 5.5 * rem, gap: 2, font },
          stroke: () => colours().dim,
          ticks: { stroke: () => colours().grid, size: 4, width: 1 },
          grid: { show: false },
          ...sharedAxisLabels(axis, fontPx),
        },
        {
          ...{ size: 3.2 * rem, gap: 3, space: 2 * rem, font },
          stroke: () => colours().dim,
          ticks: { show: false },
          grid: { show: false },
          values: plainLabels,
        },
      ],
      hooks: {
        draw: [draw],
        setSelect: [
          (u) => {
            const { left, width } = u.select;
            if (width > 4) options.onZoom(u.posToVal(left, 'x'), u.posToVal(left + width, 'x'));
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
      },
    },
    [[], []],
    into,
  );

  function draw(u: uPlot): void {
    if (columns.length === 0) return;
    const { ctx, bbox } = u;
    const usual = usualGap(columns);
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const [i, { x }] of columns.entries()) {
      const reach = (other: Column | undefined) =>
        other && Math.abs(other.x - x) <= WIDEST_GAP * usual ? Math.abs(other.x - x) / 2 : usual / 2;
      const left = Math.floor(u.valToPos(x - reach(columns[i - 1]), 'x', true));
      const right = Math.ceil(u.valToPos(x + reach(columns[i + 1]), 'x', true));
      const width = Math.max(1, right - left);
      ctx.drawImage(image, i, 0, 1, ROWS, left, bbox.top, width, bbox.height);
    }
    ctx.restore();
  }

  return {
    plot,
    set(next, minus, span) {
      columns = next;
      paint(image, columns, minus, span, options.energies());
      const xs = columns.map(({ x }) => x);
      plot.setData([xs, xs], false);
    },
  };
}

/** Columns of the image are the scans, its rows energies from the highest down. */
function paint(
  image: HTMLCanvasElement,
  columns: readonly Column[],
  minus: Curve | null,
  [least, most]: readonly [number, number],
  [fromEv, toEv]: readonly [number, number],
): void {
  if (columns.length === 0) return;
  const energies = Float64Array.from(
    { length: ROWS },
    (_, i) => fromEv + ((i + 0.5) * (toEv - fromEv)) / ROWS,
  );
  const taken = minus && onEnergies(minus, energies);
  const [dark, light] = [rgb(colours().shade), rgb(colours().ink)];
  image.width = columns.length;
  image.height = ROWS;
  const ctx = image.getContext('2d')!;
  const pixels = ctx.createImageData(columns.length, ROWS);
  for (const [i, { curve }] of columns.entries()) {
    const values = onEnergies(curve, energies);
    for (let row = 0; row < ROWS; row++) {
      const value = values[row]! - (taken ? taken[row]! : 0);
      if (Number.isNaN(value)) continue; // stays transparent: not measured
      const share = Math.min(1, Math.max(0, (value - least) / (most - least)));
      const at = 4 * ((ROWS - 1 - row) * columns.length + i);
      for (let c = 0; c < 3; c++) pixels.data[at + c] = dark[c]! + share * (light[c]! - dark[c]!);
      pixels.data[at + 3] = 255;
    }
  }
  ctx.putImageData(pixels, 0, 0);
}

function usualGap(columns: readonly Column[]): number {
  const gaps = columns.slice(1).map(({ x }, i) => x - columns[i]!.x);
  return gaps.sort((a, b) => a - b)[gaps.length >> 1] ?? 1;
}
