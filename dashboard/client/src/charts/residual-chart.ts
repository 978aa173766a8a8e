import uPlot from 'uplot';
import { colours } from './colours.ts';
import { energyAxis, energyDrag } from './energy-axes.ts';

export type ResidualChart = {
  /** @param sigma standard deviation of a point, drawn as a band */
  set(
    energyEv: ArrayLike<number>,
    values: ArrayLike<number>,
    sigma: number,
    shown: readonly [number, number],
  ): void;
  resize(): void;
  destroy(): void;
};

/** What is left over at each energy, with the noise as a band. */
export function residualChart(
  into: HTMLElement,
  rem: number,
  onZoom: (fromEv: number, toEv: number) => void,
): ResidualChart {
  let band = 0;
  const { cursor, setSelect } = energyDrag(onZoom);
  const plot = new uPlot(
    {
      width: into.clientWidth,
      height: into.clientHeight,
      legend: { show: false },
      padding: [4, 8, 0, 0],
      cursor,
      scales: {
        x: { time: false },
        y: {
          range: (_, min, max) => {
            const most = Math.max(Math.abs(min), Math.abs(max), 3 * band);
            return [-most, most];
          },
        },
      },
      axes: [energyAxis('x', rem), energyAxis('y', rem, { space: 1.6 * rem })],
      series: [{}, { stroke: () => colours().ink, width: 1, points: { show: false } }],
      hooks: { drawClear: [drawBand], setSelect: [setSelect] },
    },
    [[], []],
    into,
  );

  function drawBand(u: uPlot): void {
    const { ctx, bbox } = u;
    const top = u.valToPos(band, 'y', true);
    ctx.fillStyle = colours().range;
    ctx.fillRect(bbox.left, top, bbox.width, u.valToPos(-band, 'y', true) - top);
  }

  return {
    set(energyEv, values, sigma, [from, to]) {
      band = sigma;
      plot.batch(() => {
        plot.setData([Array.from(energyEv), Array.from(values)], false);
        plot.setScale('x', { min: from, max: to });
      });
    },
    resize: () => plot.setSize({ width: into.clientWidth, height: into.clientHeight }),
    destroy: () => plot.destroy(),
  };
}
