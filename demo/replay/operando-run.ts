import type { Scan } from '../../src/messages/scan.ts';
import { encodeScan } from '../../src/wire/scan-codec.ts';
import { type CathodeSeries, mixAt, readCathodeSeries } from './cathode-series.ts';
import { makeCell, measure, scanAxis } from './cell.ts';
import { random } from './random.ts';

export type RunPlan = {
  readonly seed: number;
  /** Cells in the beam by turns. */
  readonly samples: number;
  /** Scans of one run: one charge and one discharge. */
  readonly scans: number;
};

/** What the beamline did to a scan on purpose. */
export type Fault = 'nan' | 'truncated' | 'wrong-element' | 'inverted';

/** What is known of a scan beforehand, to be held against what comes out. */
export type PublishedScan = {
  readonly scanId: string;
  readonly sampleId: string;
  readonly sequence: number;
  readonly endedAtMs: number;
  readonly fault: Fault | null;
  readonly lithium: number;
  readonly noise: number;
};

export type ReplayedScan = {
  readonly known: PublishedScan;
  readonly scan: Scan;
  /** Record for the scans topic. */
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Record<string, string>;
};

export type OperandoRun = {
  /** The scan at this place of the plan. What `at` says is all that does not follow from the plan. */
  scanAt(sequence: number, at: Measured): ReplayedScan;
};

export type Measured = {
  readonly runId: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Of the scan in its run, where scans are measured that were not planned [its place in the plan]. */
  readonly number?: number;
  /** Which scan it is of those that were not planned: what is planned for this place once more, without a fault. */
  readonly repeat?: number;
};

export const REPLAY_BEAMLINE = 'REPLAY-XAS';

/** A dead letter keeps the record's headers: by this one it is known whose it is, though its bytes do not decode. */
export const SCAN_ID_HEADER = 'replay-scan-id';

const FAULTS: readonly Fault[] = ['nan', 'truncated', 'wrong-element', 'inverted'];
const FAULT_EVERY = 30;
const FIRST_FAULT = 11;

const QUIET_NOISE = 0.002;
const BAD_BEAM_NOISE = 0.08;
/** Of the run. */
const BAD_BEAM_FROM = 0.6;
const BAD_BEAM_TO = 0.8;

/**
 * An operando experiment on Li_xCoO2 cells as a beamline would publish it: x from 1 to 0 and back, the cells at
 * different places of the cycle, raw transmission channels with background, thickness, a beam that flickers, and a
 * period of bad beam. A few scans are broken. The same plan gives the same scans.
 */
export function operandoRun(plan: RunPlan, series: CathodeSeries = readCathodeSeries()): OperandoRun {
  const cells = Array.from({ length: plan.samples }, (_, i) =>
    makeCell(random(plan.seed, i), i, plan.samples),
  );
  const axis = scanAxis(series.energyEv);

  return {
    scanAt(sequence, { runId, startedAtMs, endedAtMs, number = sequence, repeat }) {
      const isPlanned = repeat === undefined;
      const cell = cells[sequence % cells.length]!;
      const chance = random(plan.seed, plan.samples, sequence, ...(isPlanned ? [] : [repeat]));
      const progress = sequence / plan.scans;
      const lithium = lithiumAt(progress + cell.phase);
      const noise = noiseAt(progress) * (0.9 + 0.2 * chance.uniform());
      const fault = isPlanned ? faultAt(sequence) : null;
      const { i0, it } = measure(axis, axis.extend(mixAt(series, lithium)), cell, noise, progress, chance);
      if (fault === 'nan') it[Math.floor(it.length * chance.uniform())] = Number.NaN;

      const scan: Scan = {
        scanId: `${runId}-${isPlanned ? '' : 'asked-'}${String(repeat ?? sequence).padStart(6, '0')}`,
        runId,
        sampleId: cell.sampleId,
        beamline: REPLAY_BEAMLINE,
        element: fault === 'wrong-element' ? 'Cu' : 'Co',
        edge: 'K',
        mode: 'TRANSMISSION',
        energyEv: axis.energyEv,
        mu: null,
        i0: fault === 'inverted' ? it : i0,
        it: fault === 'inverted' ? i0 : it,
        if: null,
        muReference: null,
        iReference: null,
        muSigma: null,
        startedAtMs,
        endedAtMs,
        sequence: number,
        origin: 'REPLAY',
        metadata: {
          'energy.scale': 'feff10',
          potential: `${potentialOf(lithium).toFixed(3)} V`,
          'cell.lithium': lithium.toFixed(4),
          'truth.meanOxidationState': (4 - lithium).toFixed(4),
          'truth.noise': noise.toFixed(5),
        },
      };
      const { value, headers } = encodeScan(scan);
      const kept = fault === 'truncated' ? value.subarray(0, Math.floor(value.length * 0.6)) : value;
      const { scanId, sampleId } = scan;
      return {
        known: { scanId, sampleId, sequence, endedAtMs, fault, lithium, noise },
        scan,
        key: sampleId,
        value: kept,
        headers: { ...headers, [SCAN_ID_HEADER]: scanId },
      };
    },
  };
}

/** Of the cell against lithium, V: a straight line, of about the slope that such cells have. */
const potentialOf = (lithium: number): number => 3.9 + 0.8 * (1 - lithium);

/** Known in advance, so that whoever replays can say which scans must end as dead letters. */
export function faultAt(sequence: number): Fault | null {
  if (sequence % FAULT_EVERY !== FIRST_FAULT) return null;
  return FAULTS[Math.floor(sequence / FAULT_EVERY) % FAULTS.length]!;
}

/** Lithium left in the cathode at `cycle` cycles: 1 when discharged, 0 when charged. */
export function lithiumAt(cycle: number): number {
  return Math.abs(1 - 2 * (cycle - Math.floor(cycle)));
}

/** Standard deviation of one point of the normalised scan, at `progress` of the run (0 to 1). */
export function noiseAt(progress: number): number {
  const badness = (progress - BAD_BEAM_FROM) / (BAD_BEAM_TO - BAD_BEAM_FROM);
  if (badness <= 0 || badness >= 1) return QUIET_NOISE;
  return QUIET_NOISE + (BAD_BEAM_NOISE - QUIET_NOISE) * Math.sin(Math.PI * badness) ** 2;
}
