import uPlot from 'uplot';
import { colours } from './colours.ts';
import { energyAxis, energyDrag } from './energy-axes.ts';
import { type Curve, onEnergies } from './on-energies.ts';

/** A spectrum of a comparison, with the words that stand at its right end. */
export type Compared = { readonly label: string; readonly curve: Curve; readonly strong: boolean };

export type CompareChart = {
  set(compared: readonly Compared[], offset: number, zoom: readonly [number, number] | null): void;
  resize(): void;
  destroy(): void;
};

/** Dashes tell curves apart without colour, which is kept for verdicts. */
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 5], [14, 4]];
const MOST = DASHES.length + 1;

/** Normalised spectra over each other, each `offset` above the one before, labelled where they end. */
export function compareChart(
  into: HTMLElement,
  rem: number,
  onZoom: (from: number, to: number) => void,
): CompareChart {
  const { cursor, setSelect } = energyDrag(onZoom);
  let compared: readonly Compared[] = [];
  let tops: number[] = [];
  const plot = new uPlot(
    {
      width: into.clientWidth,
      height: into.clientHeight,
      legend: { show: false },
      padding: [8, 5 * rem, 4, 0],
      cursor,
      scales: {
        x: { time: false },
        y: { range: (_, min, max) => [Math.min(0, min), max + 0.06 * (max - min)] },
      },
      axes: [energyAxis('x', rem), energyAxis('y', rem)],
      series: [{}, ...Array.from({ length: MOST }, (_, i) => lineOf(i))],
      hooks: {
        draw: [drawLabels],
        setSelect: [setSelect],
      },
    },
    [[], ...Array.from({ length: MOST }, () => [])] as uPlot.AlignedData,
    into,
  );

  function lineOf(i: number): uPlot.Series {
    return {
      stroke: () => (compared[i]?.strong ? colours().ink : colours().dim),
      width: 1.5,
      dash: DASHES[i % DASHES.length]!,
      points: { show: false },
      spanGaps: true,
    };
  }

  /** Labels stand at the ends of their curves, moved apart where they would cover each other. */
  function drawLabels(u: uPlot): void {
    const { ctx, bbox } = u;
    const size = 0.72 * rem * devicePixelRatio;
    ctx.save();
    ctx.font = `${size}px system-ui, sans-serif`;
    ctx.textBaseline = 'middle';
    ctx.textAlign = 'left';
    const places = compared
      .map(({ label, strong }, i) => ({ label, strong, y: u.valToPos(tops[i]!, 'y', true) }))
      .filter(({ y }) => Number.isFinite(y))
      .sort((a, b) => b.y - a.y);
    let below = Number.POSITIVE_INFINITY;
    for (const { label, strong, y } of places) {
      const at = Math.min(y, below - 1.2 * size);
      below = at;
      ctx.fillStyle = strong ? colours().ink : colours().dim;
      ctx.fillText(label, bbox.left + bbox.width + 4 * devicePixelRatio, at, 5 * rem * devicePixelRatio);
    }
    ctx.restore();
  }

  return {
    set(next, offset, zoom) {
      compared = next;
      const xs = [...new Set(next.flatMap(({ curve }) => [...curve.energyEv]))].sort((a, b) => a - b);
      const [from, to] = zoom ?? [xs[0] ?? 0, xs.at(-1) ?? 1];
      const lines = Array.from({ length: MOST }, (_, i) =>
        next[i]
          ? [...onEnergies(next[i].curve, xs)].map((mu) => (Number.isNaN(mu) ? null : mu + i * offset))
          : xs.map(() => null),
      );
      tops = lines.map((line) => line.findLast((mu, i) => mu !== null && xs[i]! <= to) ?? Number.NaN);
      plot.batch(() => {
        plot.setData([xs, ...lines] as uPlot.AlignedData, false);
        plot.setScale('x', { min: from, max: to });
      });
    },
    resize: () => plot.setSize({ width: into.clientWidth, height: into.clientHeight }),
    destroy: () => plot.destroy(),
  };
}
