import { mixAt, readCathodeSeries } from '../demo/replay/cathode-series.ts';
import { makeCell, measure, scanAxis } from '../demo/replay/cell.ts';
import { random } from '../demo/replay/random.ts';
import { NO_CHANNELS, type Scan } from '../src/messages/scan.ts';

export type CellPlan = {
  /** The same seed gives the same scans. */
  readonly seed: number;
  readonly runId: string;
  readonly sampleId: string;
  readonly secondsPerScan: number;
  /** Lithium left in the cathode, 0 to 1: the mean oxidation state of its cobalt is 4 minus that. */
  readonly lithiumAt: (sequence: number) => number;
  /** Standard deviation of one point of the normalised scan. */
  readonly noiseAt: (sequence: number) => number;
};

const BEGAN_MS = Date.UTC(2026, 10, 26);
const series = readCathodeSeries();

/** Scans of a Li_xCoO2 cell whose charge is chosen, in transmission, by their number. */
export function cellScans(plan: CellPlan): (sequence: number) => Scan {
  const { seed, runId, sampleId, secondsPerScan, lithiumAt, noiseAt } = plan;
  const cell = makeCell(random(seed), 0, 1);
  const axis = scanAxis(series.energyEv);
  return (sequence) => {
    const mu = axis.extend(mixAt(series, lithiumAt(sequence)));
    const channels = measure(axis, mu, cell, noiseAt(sequence), sequence / 1000, random(seed, sequence));
    const startedAtMs = BEGAN_MS + sequence * secondsPerScan * 1000;
    return {
      ...{ scanId: `${runId}-${sampleId}-${sequence}`, runId, sampleId, beamline: 'bench' },
      ...{ element: 'Co', edge: 'K', mode: 'TRANSMISSION', energyEv: axis.energyEv },
      ...{ ...NO_CHANNELS, ...channels, startedAtMs, endedAtMs: startedAtMs + secondsPerScan * 900 },
      ...{ sequence, origin: 'REPLAY', metadata: { 'energy.scale': 'feff10' } },
    };
  };
}
