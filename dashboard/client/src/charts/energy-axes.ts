import type uPlot from 'uplot';
import { colours } from './colours.ts';
import { plainLabels } from './shared-axis.ts';

/** An axis of a plot against energy: quiet, and with eV as they are, 7720 and not 7,720. */
export const energyAxis = (side: 'x' | 'y', rem: number, options: Partial<uPlot.Axis> = {}): uPlot.Axis => ({
  font: `${0.72 * rem}px system-ui, sans-serif`,
  gap: 3,
  stroke: () => colours().dim,
  ticks: { show: false },
  grid: { stroke: () => colours().grid, width: 1 },
  size: side === 'x' ? 1.7 * rem : 3.2 * rem,
  space: side === 'x' ? 3.5 * rem : 2 * rem,
  values: plainLabels,
  ...options,
});

/** Dragging marks a range of energies; what becomes of it is told, so that all plots of a page show the same. */
export const energyDrag = (
  onZoom: (fromEv: number, toEv: number) => void,
): { cursor: uPlot.Cursor; setSelect: (u: uPlot) => void } => ({
  cursor: {
    y: false,
    drag: { x: true, y: false, setScale: false },
    sync: { key: 'spectrum' },
    points: { show: false },
  },
  setSelect(u) {
    const { left, width } = u.select;
    if (width > 4) onZoom(u.posToVal(left, 'x'), u.posToVal(left + width, 'x'));
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  },
});
