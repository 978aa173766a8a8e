import uPlot from 'uplot';
import type { AxisKind } from '../state/choice.ts';
import type { VerdictName } from '../words/verdict-words.ts';
import { colours } from './colours.ts';
import { mark } from './mark.ts';
import { firstAtOrAfter, plainLabels, RIGHT_OF_PLOT, sharedAxisLabels } from './shared-axis.ts';

/** How strongly the intervals of each verdict are drawn. */
const INTERVAL_ALPHA: Readonly<Record<VerdictName, number>> = { ACCEPT: 0.3, FLAG: 0.18, REJECT: 0.1 };
/** Closer than this, lines of marks would fence in the data; their signs alone are drawn. */
const MARKS_REM = 1.4;
/** Closer than this, bars would run into a moire; they are drawn as a band. */
const DENSE_PX = 5;

/** One point of a timeline, with how far it can be trusted. */
export type TimelinePoint = {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Null of what is recorded and not judged. */
  readonly verdict: VerdictName | null;
  /** Levels to draw as steps beneath, such as the gate's threshold. */
  readonly limit: number | null;
};

export type TimelineChart = {
  readonly plot: uPlot;
  /** @param xs of the points, s since 1970 or scan numbers, increasing */
  setPoints(points: readonly TimelinePoint[], xs: readonly number[], chosen: number | null): void;
  /** Drawn with the next points. */
  setMarks(marks: readonly AxisMark[]): void;
};

/** A moment that is marked across the plot. */
export type AxisMark = { readonly x: number; readonly sign: string; readonly strong: boolean };

export type TimelineOptions = {
  readonly into: HTMLElement;
  readonly width: number;
  readonly height: number;
  readonly withAxis: boolean;
  readonly axis: AxisKind;
  readonly fromZero: boolean;
  /** Distances that ticks may have; the library's own where absent. */
  readonly steps?: readonly number[];
  readonly syncKey: string;
  /** Size of a CSS rem in px, so that a wall's larger type fits. */
  readonly rem: number;
  readonly onZoom: (fromS: number, toS: number) => void;
};

/** Points, intervals and verdicts of one descriptor over time, drawn straight from the points. */
export function timelineChart(options: TimelineOptions): TimelineChart {
  const { rem } = options;
  let points: readonly TimelinePoint[] = [];
  let xs: readonly number[] = [];
  let marked: readonly AxisMark[] = [];
  let chosen: number | null = null;
  let range: [number, number] = [0, 1];
  const fontPx = 0.72 * rem;
  const font = `${fontPx}px system-ui, sans-serif`;

  const plot = new uPlot(
    {
      width: options.width,
      height: options.height,
      legend: { show: false },
      padding: [4, RIGHT_OF_PLOT, options.withAxis ? 0 : 4, 0],
      cursor: {
        sync: { key: options.syncKey, setSeries: false },
        drag: { x: true, y: false, setScale: false },
        points: { show: false },
        y: false,
      },
      scales: { x: { time: options.axis === 'time' }, y: { range: () => range } },
      series: [{}, { show: true, paths: () => null, points: { show: false } }],
      axes: [
        {
          show: options.withAxis,
          size: 1.7 * rem,
          space: 5.5 * rem,
          gap: 2,
          font,
          stroke: () => colours().dim,
          ticks: { stroke: () => colours().grid, size: 4, width: 1 },
          grid: { stroke: () => colours().grid, width: 1 },
          ...sharedAxisLabels(options.axis, fontPx),
        },
        {
          size: 3.2 * rem,
          gap: 3,
          space: 1.5 * rem,
          ...(options.steps && { incrs: [...options.steps] }),
          values: plainLabels,
          font,
          stroke: () => colours().dim,
          ticks: { show: false },
          grid: { stroke: () => colours().grid, width: 1 },
        },
      ],
      hooks: {
        draw: [draw],
        setSelect: [
          (u) => {
            if (u.select.width > 4) {
              options.onZoom(u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x'));
            }
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
      },
    },
    [[], []],
    options.into,
  );

  function draw(u: uPlot): void {
    if (points.length === 0) return;
    const { ctx } = u;
    const ratio = devicePixelRatio;
    const { left, top, width, height } = u.bbox;
    const { ink, dim, verdict: tints } = colours();
    const x = (at: number) => u.valToPos(at, 'x', true);
    const y = (value: number) => u.valToPos(value, 'y', true);
    const [from, to] = visible(u);
    const spacing = width / Math.max(1, to - from);
    const radius = Math.max(1.4, Math.min(0.26 * rem, 0.42 * (spacing / ratio))) * ratio;

    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();

    const paths = { limit: new Path2D(), line: new Path2D() };
    const intervals = { ACCEPT: new Path2D(), FLAG: new Path2D(), REJECT: new Path2D() };
    const marks = { ACCEPT: new Path2D(), FLAG: new Path2D(), REJECT: new Path2D() };
    const recorded = new Path2D();
    const dense = spacing / ratio < DENSE_PX;
    let band = null as Band | null;
    let joined = false;
    let limited = false;
    let markedAt = Number.NEGATIVE_INFINITY;
    let markedVerdict: VerdictName | null = null;
    for (let i = from; i < to; i++) {
      const { value, low, high, verdict, limit } = points[i]!;
      const px = x(xs[i]!);
      if (limit !== null) {
        if (limited) paths.limit.lineTo(px, y(limit));
        else paths.limit.moveTo(px, y(limit));
        limited = true;
      }
      if (value === null) continue;
      const interval = intervals[verdict ?? 'ACCEPT'];
      if (low !== null && high !== null) {
        if (!dense) {
          interval.moveTo(px, y(low));
          interval.lineTo(px, y(high));
        } else {
          if (band?.path !== interval) {
            extendBand(band, px, y(low), y(high)); // up to where the next verdict's begins: no gap
            closeBand(band);
            band = { path: interval, xs: [], lows: [], highs: [] };
          }
          extendBand(band, px, y(low), y(high));
        }
      }
      if (verdict === 'FLAG' || verdict === 'REJECT') joined = false;
      else {
        if (joined) paths.line.lineTo(px, y(value));
        else paths.line.moveTo(px, y(value));
        joined = true;
      }
      // Marks of one verdict in one column of pixels cover each other.
      if (verdict === markedVerdict && px - markedAt < ratio) continue;
      if (verdict === null) mark(recorded, 'ACCEPT', px, y(value), 0.7 * radius);
      else mark(marks[verdict], verdict, px, y(value), radius);
      markedAt = px;
      markedVerdict = verdict;
    }
    closeBand(band);

    ctx.lineWidth = Math.min(2.5, spacing / 3 / ratio) * ratio;
    ctx.strokeStyle = ink;
    ctx.fillStyle = ink;
    for (const verdict of ['ACCEPT', 'FLAG', 'REJECT'] as const) {
      const path = intervals[verdict];
      const alpha = INTERVAL_ALPHA[verdict];
      ctx.globalAlpha = dense ? 0.6 * alpha : alpha;
      if (dense) ctx.fill(path);
      else ctx.stroke(path);
    }
    ctx.globalAlpha = 0.55;
    ctx.lineWidth = ratio;
    ctx.stroke(paths.line);
    ctx.globalAlpha = 1;
    ctx.setLineDash([5 * ratio, 4 * ratio]);
    ctx.strokeStyle = dim;
    ctx.stroke(paths.limit);
    ctx.setLineDash([]);
    ctx.fillStyle = ink;
    ctx.fill(recorded);
    ctx.fillStyle = tints.ACCEPT;
    ctx.fill(marks.ACCEPT);
    ctx.fillStyle = tints.FLAG;
    ctx.fill(marks.FLAG);
    ctx.globalAlpha = 0.6;
    ctx.lineWidth = 1.2 * ratio;
    ctx.strokeStyle = tints.REJECT;
    ctx.stroke(marks.REJECT);
    ctx.globalAlpha = 1;
    drawMarks(u);
    if (chosen !== null && chosen < xs.length) {
      const px = Math.round(x(xs[chosen]!));
      ctx.strokeStyle = ink;
      ctx.lineWidth = ratio;
      ctx.beginPath();
      ctx.moveTo(px, top);
      ctx.lineTo(px, top + height);
      ctx.stroke();
    }
    ctx.restore();
  }

  /** A dashed line with its sign on top: changes, and what people noted. */
  function drawMarks(u: uPlot): void {
    const { ctx, bbox } = u;
    const { ink, dim } = colours();
    const size = 0.72 * rem * devicePixelRatio;
    ctx.font = `${size}px system-ui, sans-serif`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'top';
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
    const { min, max } = u.scales.x!;
    const shown = marked.filter(({ x }) => x >= min! && x <= max!);
    const withLines = shown.length * MARKS_REM * rem * devicePixelRatio < bbox.width;
    for (const { x, sign, strong } of shown) {
      const px = Math.round(u.valToPos(x, 'x', true));
      ctx.strokeStyle = dim;
      ctx.globalAlpha = strong ? 0.9 : 0.4;
      ctx.fillStyle = strong ? ink : dim;
      if (withLines) {
        ctx.beginPath();
        ctx.moveTo(px, bbox.top + 1.2 * size);
        ctx.lineTo(px, bbox.top + bbox.height);
        ctx.stroke();
      }
      ctx.fillText(sign, px, bbox.top);
    }
    ctx.setLineDash([]);
    ctx.globalAlpha = 1;
  }

  /** Points inside the x range, and one beyond at each side, so that lines reach the edge. */
  function visible(u: uPlot): [number, number] {
    const { min = 0, max = 0 } = u.scales.x!;
    const from = firstAtOrAfter(xs, min!);
    return [Math.max(0, from - 1), Math.min(points.length, firstAtOrAfter(xs, max!) + 1)];
  }

  return {
    plot,
    setPoints(next, at, picked) {
      points = next;
      xs = at;
      chosen = picked;
      range = fittingRange(points, range, options.fromZero);
      plot.setData([xs as number[], xs as number[]], false);
    },
    setMarks(marks) {
      marked = marks;
    },
  };
}

type Band = {
  readonly path: Path2D;
  readonly xs: number[];
  readonly lows: number[];
  readonly highs: number[];
};

function extendBand(band: Band | null, x: number, low: number, high: number): void {
  if (!band) return;
  band.xs.push(x);
  band.lows.push(low);
  band.highs.push(high);
}

/** Adds the area between the intervals' ends to the band's path. */
function closeBand(band: Band | null): void {
  if (!band) return;
  const { path, xs, lows, highs } = band;
  path.moveTo(xs[0]! - 0.5, lows[0]!);
  for (let i = 0; i < xs.length; i++) path.lineTo(xs[i]!, lows[i]!);
  for (let i = xs.length - 1; i >= 0; i--) path.lineTo(xs[i]!, highs[i]!);
  path.lineTo(xs[0]! - 0.5, highs[0]!);
  path.closePath();
}

/** Range that holds every point; it only grows while the old one is at least a third full, so that axes do not jump. */
function fittingRange(
  points: readonly TimelinePoint[],
  before: readonly [number, number],
  fromZero: boolean,
): [number, number] {
  const anyTrusted = points.some(({ value, verdict }) => value !== null && verdict !== 'REJECT');
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const { value, low, high, verdict, limit } of points) {
    if (value === null) continue;
    // The wide interval of a rejected value must not flatten the accepted ones.
    const wide = verdict !== 'REJECT' || !anyTrusted;
    min = Math.min(min, wide ? (low ?? value) : value);
    max = Math.max(max, wide ? (high ?? value) : value, limit ?? Number.NEGATIVE_INFINITY);
  }
  if (!(max >= min)) return [0, 1];
  if (fromZero) min = 0;
  const [oldMin, oldMax] = before;
  const holds = oldMin <= min && oldMax >= max && (max - min) * 3 > oldMax - oldMin;
  if (holds) return [oldMin, oldMax];
  const span = Math.max(max - min, 0.02 * Math.abs(max), 1e-6);
  return [fromZero ? 0 : min - 0.15 * span, max + 0.15 * span];
}
