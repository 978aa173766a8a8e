import uPlot from 'uplot';
import type { Spectrum } from '../views/scan-details.ts';
import { colours } from './colours.ts';
import { residual } from './residual.ts';

export type SpectrumChart = {
  set(spectrum: Spectrum, before: Spectrum | null): void;
  resize(): void;
  destroy(): void;
};

/**
 * The normalised spectrum over the previous accepted one, with E0 and the model's range; beneath it the residual noise.
 */
export function spectrumChart(upper: HTMLElement, lower: HTMLElement, rem: number): SpectrumChart {
  const font = `${0.72 * rem}px system-ui, sans-serif`;
  let marks = { e0: 0, from: 0, to: 0, sigma: 0 };
  let key: unknown = null;

  const axis = (side: 'x' | 'y', options: Partial<uPlot.Axis> = {}): uPlot.Axis => ({
    font,
    gap: 3,
    stroke: () => colours().dim,
    ticks: { show: false },
    grid: { stroke: () => colours().grid, width: 1 },
    size: side === 'x' ? 1.7 * rem : 3.2 * rem,
    ...options,
  });
  const common = (element: HTMLElement): Pick<uPlot.Options, 'width' | 'height' | 'legend'> => ({
    width: element.clientWidth,
    height: element.clientHeight,
    legend: { show: false },
  });
  const cursor: uPlot.Cursor = {
    y: false,
    drag: { x: true, y: false },
    sync: { key: 'spectrum' },
    points: { show: false },
  };

  const main = new uPlot(
    {
      ...common(upper),
      padding: [8, 8, 7, 0],
      cursor,
      scales: {
        x: { time: false },
        y: { range: (_, min, max) => [Math.min(0, min), max + 0.06 * (max - min)] },
      },
      axes: [axis('x', { show: false }), axis('y', { space: 2 * rem })],
      series: [
        {},
        { stroke: () => colours().dim, width: 2.5, alpha: 0.55, points: { show: false } },
        { stroke: () => colours().ink, width: 1.5, points: { show: false } },
      ],
      hooks: { drawClear: [drawRange], draw: [drawEdge] },
    },
    [[], [], []],
    upper,
  );
  const rest = new uPlot(
    {
      ...common(lower),
      padding: [4, 8, 0, 0],
      cursor,
      scales: {
        x: { time: false },
        y: {
          range: (_, min, max) => {
            const most = Math.max(Math.abs(min), Math.abs(max), 3 * marks.sigma);
            return [-most, most];
          },
        },
      },
      axes: [axis('x'), axis('y', { space: 1.6 * rem })],
      series: [{}, { stroke: () => colours().ink, width: 1, points: { show: false } }],
      hooks: { drawClear: [drawSigma] },
    },
    [[], []],
    lower,
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

  function drawSigma(u: uPlot): void {
    const { ctx, bbox } = u;
    const top = u.valToPos(marks.sigma, 'y', true);
    ctx.fillStyle = colours().range;
    ctx.fillRect(bbox.left, top, bbox.width, u.valToPos(-marks.sigma, 'y', true) - top);
  }

  return {
    set(now, before) {
      const next = `${now.detail.row.scanId}|${before?.detail.row.scanId}`;
      if (key === next) return;
      key = next;
      const { preparation } = now.detail;
      marks = {
        e0: preparation.e0Ev,
        from: preparation.coveredFromEv,
        to: preparation.coveredToEv,
        sigma: preparation.noiseSigma,
      };
      const xs = [...now.energyEv];
      main.setData([xs, before ? onAxis(before, now.energyEv) : xs.map(() => null), [...now.mu]]);
      rest.setData([xs, [...residual(now.mu)]]);
    },
    resize() {
      main.setSize({ width: upper.clientWidth, height: upper.clientHeight });
      rest.setSize({ width: lower.clientWidth, height: lower.clientHeight });
    },
    destroy() {
      main.destroy();
      rest.destroy();
    },
  };
}

/** Another spectrum at these energies; null outside what it measured: nothing is extrapolated. */
function onAxis(spectrum: Spectrum, energies: Float32Array): (number | null)[] {
  const { energyEv, mu } = spectrum;
  let at = 0;
  return [...energies].map((energy) => {
    while (at < energyEv.length && energyEv[at]! < energy) at++;
    if (at >= energyEv.length) return null;
    if (energyEv[at] === energy) return mu[at]!;
    if (at === 0) return null;
    const share = (energy - energyEv[at - 1]!) / (energyEv[at]! - energyEv[at - 1]!);
    return mu[at - 1]! + share * (mu[at]! - mu[at - 1]!);
  });
}
