import uPlot from 'uplot';
import { colours } from './colours.ts';
import { energyAxis, energyDrag } from './energy-axes.ts';
import { type Curve, onEnergies } from './on-energies.ts';
import { residual } from './residual.ts';
import { residualChart } from './residual-chart.ts';

export type SpectrumShown = {
  readonly curve: Curve;
  /** Drawn behind in grey. */
  readonly behind: Curve | null;
  readonly e0Ev: number;
  /** Part that the model sees. */
  readonly coveredEv: readonly [from: number, to: number];
  readonly noiseSigma: number;
};

export type SpectrumChart = {
  /** @param zoom energies that are shown; null: all */
  set(shown: SpectrumShown, zoom: readonly [number, number] | null): void;
  resize(): void;
  destroy(): void;
};

/** The normalised spectrum over another one, with E0 and the model's range; beneath it the residual noise. */
export function spectrumChart(
  upper: HTMLElement,
  lower: HTMLElement,
  rem: number,
  onZoom: (fromEv: number, toEv: number) => void,
): SpectrumChart {
  let marks = { e0: 0, from: 0, to: 0 };
  const { cursor, setSelect } = energyDrag(onZoom);
  const rest = residualChart(lower, rem, onZoom);
  const main = new uPlot(
    {
      width: upper.clientWidth,
      height: upper.clientHeight,
      legend: { show: false },
      padding: [8, 8, 7, 0],
      cursor,
      scales: {
        x: { time: false },
        y: { range: (_, min, max) => [Math.min(0, min), max + 0.06 * (max - min)] },
      },
      axes: [energyAxis('x', rem, { show: false }), energyAxis('y', rem)],
      series: [
        {},
        { stroke: () => colours().dim, width: 2.5, alpha: 0.55, points: { show: false } },
        { stroke: () => colours().ink, width: 1.5, points: { show: false } },
      ],
      hooks: { drawClear: [drawRange], draw: [drawEdge], setSelect: [setSelect] },
    },
    [[], [], []],
    upper,
  );

  function drawRange(u: uPlot): void {
    if (!marks.to) return;
    const { ctx, bbox } = u;
    const clamp = (ev: number) =>
      Math.min(bbox.left + bbox.width, Math.max(bbox.left, u.valToPos(ev, 'x', true)));
    ctx.fillStyle = colours().range;
    const left = clamp(marks.from);
    ctx.fillRect(left, bbox.top, clamp(marks.to) - left, bbox.height);
  }

  function drawEdge(u: uPlot): void {
    if (!marks.e0) return;
    const { ctx, bbox } = u;
    const x = Math.round(u.valToPos(marks.e0, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) return;
    ctx.save();
    ctx.strokeStyle = colours().dim;
    ctx.fillStyle = colours().dim;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.font = `${0.72 * rem * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = 'right';
    ctx.textBaseline = 'top';
    ctx.fillText('E₀', x - 4 * devicePixelRatio, bbox.top + 2 * devicePixelRatio);
    ctx.restore();
  }

  return {
    set({ curve, behind, e0Ev, coveredEv, noiseSigma }, zoom) {
      marks = { e0: e0Ev, from: coveredEv[0], to: coveredEv[1] };
      const xs = [...curve.energyEv];
      const grey = behind && [...onEnergies(behind, xs)].map((mu) => (Number.isNaN(mu) ? null : mu));
      const [from, to] = zoom ?? [xs[0] ?? 0, xs.at(-1) ?? 1];
      main.batch(() => {
        main.setData([xs, grey ?? xs.map(() => null), [...curve.mu]], false);
        main.setScale('x', { min: from, max: to });
      });
      rest.set(curve.energyEv, residual(curve.mu), noiseSigma, [from, to]);
    },
    resize() {
      main.setSize({ width: upper.clientWidth, height: upper.clientHeight });
      rest.resize();
    },
    destroy() {
      main.destroy();
      rest.destroy();
    },
  };
}
