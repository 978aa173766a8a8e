import uPlot from 'uplot';
import type { VerdictName } from '../words/verdict-words.ts';
import { colours } from './colours.ts';
import { energyAxis } from './energy-axes.ts';
import { mark } from './mark.ts';

export type ScatterPoint = {
  readonly x: number;
  readonly y: number;
  readonly verdict: VerdictName;
  readonly chosen: boolean;
};

export type ScatterChart = {
  /** @param points in any order */
  set(points: readonly ScatterPoint[]): void;
  resize(): void;
  destroy(): void;
};

/** One quantity against another, a mark a scan by its verdict; a rejected one is faint. */
export function scatterChart(into: HTMLElement, rem: number): ScatterChart {
  let points: readonly ScatterPoint[] = [];
  const fitted = (_: uPlot, min: number | null, max: number | null): [number, number] => {
    const [least, most] = [min ?? 0, max ?? 1];
    const margin = 0.08 * Math.max(most - least, 0.02 * Math.abs(most), 1e-6);
    return [least - margin, most + margin];
  };
  const plot = new uPlot(
    {
      width: into.clientWidth,
      height: into.clientHeight,
      legend: { show: false },
      padding: [6, 8, 0, 0],
      cursor: { show: false },
      scales: { x: { time: false, range: fitted }, y: { range: fitted } },
      axes: [energyAxis('x', rem), energyAxis('y', rem, { space: 1.6 * rem })],
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: { draw: [draw] },
    },
    [[], []],
    into,
  );

  function draw(u: uPlot): void {
    const { ctx } = u;
    const { ink, verdict: tints } = colours();
    const radius = 0.16 * rem * devicePixelRatio;
    const paths = { ACCEPT: new Path2D(), FLAG: new Path2D(), REJECT: new Path2D() };
    const ring = new Path2D();
    for (const { x, y, verdict, chosen } of points) {
      const [px, py] = [u.valToPos(x, 'x', true), u.valToPos(y, 'y', true)];
      mark(paths[verdict], verdict, px, py, radius);
      if (chosen) mark(ring, 'ACCEPT', px, py, 2.4 * radius);
    }
    ctx.save();
    ctx.lineWidth = devicePixelRatio;
    ctx.fillStyle = tints.ACCEPT;
    ctx.fill(paths.ACCEPT);
    ctx.fillStyle = tints.FLAG;
    ctx.fill(paths.FLAG);
    ctx.globalAlpha = 0.35;
    ctx.strokeStyle = tints.REJECT;
    ctx.stroke(paths.REJECT);
    ctx.globalAlpha = 1;
    ctx.strokeStyle = ink;
    ctx.stroke(ring);
    ctx.restore();
  }

  return {
    set(next) {
      points = [...next].sort((a, b) => a.x - b.x);
      plot.setData([points.map(({ x }) => x), points.map(({ y }) => y)]);
    },
    resize: () => plot.setSize({ width: into.clientWidth, height: into.clientHeight }),
    destroy: () => plot.destroy(),
  };
}
